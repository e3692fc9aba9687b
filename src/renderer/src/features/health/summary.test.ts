import { expect, it } from 'vitest'
import type { StoreHealth } from '#shared/contract/health.ts'
import { summaryOf } from './summary.ts'

const of = (...states: StoreHealth['state'][]) => summaryOf(states.map(state => ({ state })))

it('is as bad as the worst store', () => {
  expect(of('ok', 'ok', 'absent')).toEqual({ meaning: 'ok', word: 'Both healthy' })
  expect(of('ok', 'ok', 'ok').word).toBe('All 3 healthy')
  expect(of('ok', 'warning', 'ok')).toEqual({ meaning: 'warn', word: '1 of 3 needs a look' })
  expect(of('warning', 'failed', 'ok', 'absent')).toEqual({ meaning: 'bad', word: '1 of 3 failed' })
  expect(of('failed', 'failed')).toEqual({ meaning: 'bad', word: '2 of 2 failed' })
})

it('does not count a single store', () => {
  expect(of('ok', 'absent').word).toBe('Healthy')
  expect(of('failed').word).toBe('Failed')
})
