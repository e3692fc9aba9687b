import { describe, expect, test } from 'vitest'
import { figure, ofMaximum, stateOf } from './figures.ts'

describe('figures of a maximum', () => {
  test.each([
    [0, 100, 'ok'],
    [79, 100, 'ok'],
    [80, 100, 'warning'],
    [100, 100, 'warning'],
    [120, 100, 'warning'],
    [1_000_000, 0, 'ok'],
  ])('%i of %i is %s', (used, maximum, state) => {
    expect(stateOf([figure('Version', '15.3'), ofMaximum('Connections', used, maximum)])).toBe(state)
  })
  test('a share lies between 0 and 1, and is absent where there is no maximum', () => {
    expect(ofMaximum('Connections', 25, 100)).toEqual({
      name: 'Connections',
      value: '25 of 100',
      unit: null,
      share: 0.25,
    })
    expect(ofMaximum('Connections', 120, 100).share).toBe(1)
    expect(ofMaximum('Memory', 5, 0)).toMatchObject({ value: '5', share: null })
  })
})
