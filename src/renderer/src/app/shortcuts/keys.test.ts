import { describe, expect, it } from 'vitest'
import { matchKeys, pressed, writtenKeys } from './keys.ts'

const press = (key: string, held: { ctrlKey?: boolean; metaKey?: boolean; altKey?: boolean } = {}) =>
  pressed({ key, ctrlKey: false, metaKey: false, altKey: false, ...held })

describe('pressed', () => {
  it('treats Ctrl and Cmd alike', () => {
    expect(press('k', { ctrlKey: true })).toBe('mod+k')
    expect(press('K', { metaKey: true })).toBe('mod+k')
  })

  it('leaves Alt combinations and named keys to the browser', () => {
    expect(press('d', { altKey: true })).toBeUndefined()
    expect(press('Enter')).toBeUndefined()
  })
})

describe('matchKeys', () => {
  const known = ['g t', 'g d', 'mod+k', 't', '/']

  it('runs single keys and sequences', () => {
    expect(matchKeys('', '/', known)).toEqual({ kind: 'run', keys: '/' })
    expect(matchKeys('', 'g', known)).toEqual({ kind: 'wait', prefix: 'g' })
    expect(matchKeys('g', 't', known)).toEqual({ kind: 'run', keys: 'g t' })
  })

  it('forgets a sequence that is not finished', () => {
    expect(matchKeys('g', 'x', known)).toEqual({ kind: 'none' })
    expect(matchKeys('g', '/', known)).toEqual({ kind: 'run', keys: '/' })
    expect(matchKeys('g', 'g', known)).toEqual({ kind: 'wait', prefix: 'g' })
  })
})

it('writtenKeys names each key', () => {
  expect(writtenKeys('g t')).toEqual(['G', 'T'])
  expect(writtenKeys('?')).toEqual(['?'])
  expect(writtenKeys('mod+k').at(-1)).toBe('K')
})
