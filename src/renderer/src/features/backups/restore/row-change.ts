/** How a count changed, with its sign: +3, −1; equal counts say that it is the rows that differ. */
export function signedDifference(before: string, now: string): string {
  const difference = BigInt(now) - BigInt(before)
  if (difference === 0n) return 'same count, other rows'
  const amount = (difference < 0n ? -difference : difference).toLocaleString('en')
  return difference < 0n ? `−${amount}` : `+${amount}`
}
