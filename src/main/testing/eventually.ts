const INTERVAL_MS = 25

/** Asks until the answer is not undefined; rejects when that takes longer than `limitMs`. */
export async function eventually<T>(ask: () => Promise<T | undefined> | T | undefined, limitMs = 10_000): Promise<T> {
  const end = performance.now() + limitMs
  for (;;) {
    const answer = await ask()
    if (answer !== undefined) return answer
    if (performance.now() > end) throw new Error(`Nothing came within ${limitMs} ms`)
    await new Promise(resolve => setTimeout(resolve, INTERVAL_MS))
  }
}
