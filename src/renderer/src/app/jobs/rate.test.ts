import { describe, expect, it } from 'vitest'
import { addSample, type ProgressSample, paceOf } from './rate.ts'

const progress = (done: number, total: number | null) => ({ done, total, unit: 'rows', note: null })
const collect = (...samples: [at: number, done: number][]) =>
  samples.reduce<ProgressSample[]>((all, [at, done]) => addSample(all, { at, done }), [])

describe('paceOf', () => {
  it('averages over the samples and tells the time left', () => {
    const samples = collect([0, 0], [1_000, 100], [2_000, 200])
    expect(paceOf(samples, progress(200, 1_000))).toEqual({ perSecond: 100, leftMs: 8_000 })
  })

  it('has no time left without a total', () => {
    expect(paceOf(collect([0, 0], [1_000, 50]), progress(50, null))).toEqual({ perSecond: 50, leftMs: null })
  })

  it('does not guess from one sample, from too short a time, or from no advance', () => {
    expect(paceOf([], progress(0, 10))).toBeUndefined()
    expect(paceOf(collect([0, 5]), progress(5, 10))).toBeUndefined()
    expect(paceOf(collect([0, 0], [100, 5]), progress(5, 10))).toBeUndefined()
    expect(paceOf(collect([0, 5], [5_000, 5]), progress(5, 10))).toBeUndefined()
  })

  it('never has negative time left', () => {
    expect(paceOf(collect([0, 0], [1_000, 20]), progress(20, 10))?.leftMs).toBe(0)
  })
})

describe('addSample', () => {
  it('forgets what is older than the window, but keeps its edge', () => {
    const samples = collect([0, 0], [10_000, 10], [20_000, 1_000], [26_000, 1_600])
    expect(samples[0]).toEqual({ at: 10_000, done: 10 })
  })

  it('starts over when the work does', () => {
    expect(collect([0, 0], [1_000, 100], [2_000, 3])).toEqual([{ at: 2_000, done: 3 }])
  })
})
