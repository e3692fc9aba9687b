import { describe, expect, it } from 'vitest'
import { AppError } from '#shared/errors.ts'
import { NO_DIRECTIVES } from './directives.ts'
import { isWorthAnotherTry, ledgerError } from './fleet-run.model.ts'
import { cutWaves } from './fleet-run.ts'
import type { FleetMigration } from './migration-files.ts'
import { RunControl } from './run-control.ts'
import { concurrentIndex, splitIntoSteps } from './tenant-steps.ts'

const migration = (version: number, directives: Partial<FleetMigration['directives']> = {}): FleetMigration => ({
  version,
  name: 'm',
  up: '',
  down: null,
  checksum: '',
  origin: 'own',
  directives: { ...NO_DIRECTIVES, ...directives },
  downDirectives: null,
})

describe('waves', () => {
  it.each([
    [10, 25, [3, 3, 3, 1]],
    [10, 100, [10]],
    [3, 1, [1, 1, 1]],
    [0, 50, []],
  ])('of %i tenants at %i %% are %j', (count, percent, sizes) => {
    const waves = cutWaves(
      Array.from({ length: count }, (_, index) => index),
      percent,
    )
    expect(waves.map(wave => wave.length)).toEqual(sizes)
    expect(waves.flat()).toEqual(Array.from({ length: count }, (_, index) => index))
  })
})

describe('steps of one tenant', () => {
  it('share a transaction as far as they follow one another and want one', () => {
    const pending = [
      migration(1),
      migration(2),
      migration(3, { isWithoutTransaction: true }),
      migration(4),
      migration(5, { batchRows: 10 }),
      migration(6, { isWithoutTransaction: true }),
      migration(7),
    ]
    expect(splitIntoSteps(pending).map(step => step.map(one => one.version))).toEqual([[1, 2], [3], [4], [5], [6], [7]])
  })

  it.each([
    ['create index concurrently a on t (x)', 'a'],
    ['CREATE UNIQUE INDEX /* x */ CONCURRENTLY IF NOT EXISTS "A b" ON t (x)', 'A b'],
    ['create index concurrently on t (x)', null],
    ['create index a on t (x)', null],
    ['vacuum t', null],
  ])('%s builds %j', (text, index) => {
    expect(concurrentIndex(text)).toBe(index)
  })
})

describe('errors of a run', () => {
  it.each(['55P03', '40P01', '40001'])('%s is worth another try', code => {
    expect(isWorthAnotherTry(Object.assign(new Error('x'), { code }))).toBe(true)
  })

  it('are written down with the state and the words of the server', () => {
    const error = Object.assign(new Error('relation "t" exists'), { code: '42P07' })
    const failure = new AppError('CONFLICT', 'A table exists.', { cause: new Error('relation exists') })
    expect(isWorthAnotherTry(error)).toBe(false)
    expect(ledgerError(error, failure)).toEqual({
      code: 'CONFLICT',
      message: 'A table exists.',
      sqlState: '42P07',
      server: 'relation exists',
    })
  })
})

describe('pausing', () => {
  it('holds whoever asks until it is resumed', async () => {
    const control = new RunControl()
    const { signal } = new AbortController()
    await control.passes(signal)
    control.pause('why')
    let passed = 0
    const both = [1, 2].map(() => control.passes(signal).then(() => (passed += 1)))
    await Promise.resolve()
    expect([passed, control.pausedBecause]).toEqual([0, 'why'])
    control.resume()
    await Promise.all(both)
    expect(passed).toBe(2)
  })

  it('ends with a cancel', async () => {
    const control = new RunControl()
    control.pause('why')
    const abort = new AbortController()
    const held = control.passes(abort.signal)
    abort.abort(new Error('enough'))
    await expect(held).rejects.toThrow('enough')
    await expect(control.passes(abort.signal)).rejects.toThrow('enough')
  })
})
