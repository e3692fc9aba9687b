/** How a count changed, with its sign: +3, −1; rows that only changed in place say so. */
export function signedDifference(before: string, now: string): string {
  const difference = BigInt(now) - BigInt(before)
  if (difference === 0n) return 'changed in place'
  const amount = (difference < 0n ? -difference : difference).toLocaleString('en')
  return difference < 0n ? `−${amount}` : `+${amount}`
}
