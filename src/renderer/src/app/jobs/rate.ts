import type { JobProgress } from '#shared/contract/jobs.ts'

export interface ProgressSample {
  /** Milliseconds of a monotonic clock. */
  at: number
  done: number
}

/** The window over which a rate is averaged: long enough to be calm, short enough to follow. */
const WINDOW_MS = 15_000
const SHORTEST_MS = 500

/** Adds a sample and drops those that no longer matter; the one at the window's edge stays. */
export function addSample(samples: readonly ProgressSample[], sample: ProgressSample): ProgressSample[] {
  const last = samples.at(-1)
  // Work that starts over (another step, another unit) has no rate yet.
  if (last !== undefined && sample.done < last.done) return [sample]
  const firstKept = samples.findLastIndex(old => sample.at - old.at >= WINDOW_MS)
  return [...samples.slice(Math.max(firstKept, 0)), sample]
}

export interface Pace {
  /** Units in a second. */
  perSecond: number
  /** Milliseconds to the end; null while the total is not known. */
  leftMs: number | null
}

/** How fast work goes and when it ends, from what was seen so far; undefined while that would be a guess. */
export function paceOf(samples: readonly ProgressSample[], progress: JobProgress): Pace | undefined {
  const first = samples[0]
  const last = samples.at(-1)
  if (first === undefined || last === undefined || last.at - first.at < SHORTEST_MS) return undefined
  const perSecond = ((last.done - first.done) / (last.at - first.at)) * 1_000
  if (perSecond <= 0) return undefined
  const left = progress.total === null ? null : Math.max(progress.total - progress.done, 0)
  return { perSecond, leftMs: left === null ? null : (left / perSecond) * 1_000 }
}
