/** Does the thing once and resolves to the milliseconds it took. */
export type Sample = () => Promise<number>

export interface Rounds {
  rounds: number
  /** Rounds before these that are not counted: caches fill, code is compiled. */
  warmUp?: number
}

/** Milliseconds the work takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

/**
 * Measures several things side by side: each round does every one of them once, and every other round in the opposite order, so
 * that whatever else the machine does falls on all alike. Resolves to the median of each, in milliseconds.
 */
export async function interleaved<Name extends string>(
  samples: Readonly<Record<Name, Sample>>,
  { rounds, warmUp = 0 }: Rounds,
): Promise<Record<Name, number>> {
  const names = Object.keys(samples) as Name[]
  const taken = new Map<Name, number[]>(names.map(name => [name, []]))
  for (let round = -warmUp; round < rounds; round++) {
    for (const name of round % 2 === 0 ? names : names.toReversed()) {
      const duration = await samples[name]()
      if (round >= 0) taken.get(name)?.push(duration)
    }
  }
  return Object.fromEntries(names.map(name => [name, median(taken.get(name) ?? [])])) as Record<Name, number>
}

export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError('The median of nothing')
  const sorted = values.toSorted((a, b) => a - b)
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0
  return (upper + lower) / 2
}
