import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { prettyJson } from './pretty-json.ts'

describe('prettyJson', () => {
  it('lays out as JSON.stringify does, whatever the document', () => {
    fc.assert(
      fc.property(fc.jsonValue(), value => {
        expect(prettyJson(JSON.stringify(value))).toBe(JSON.stringify(value, null, 2))
      }),
    )
  })

  it('keeps every digit of a number', () => {
    expect(prettyJson('{"a": 12345678901234567890.12345678901234567890}')).toBe(
      '{\n  "a": 12345678901234567890.12345678901234567890\n}',
    )
  })

  it('takes braces and commas in strings for text', () => {
    expect(prettyJson('["{a, b}: \\"c\\""]')).toBe('[\n  "{a, b}: \\"c\\""\n]')
  })

  it('lays out a document that was cut, up to where it was cut', () => {
    expect(prettyJson('{"a": [1, {"b": "half')).toBe('{\n  "a": [\n    1,\n    {\n      "b": "half')
    expect(prettyJson('{"a": 1, ')).toBe('{\n  "a": 1,\n  ')
    expect(prettyJson('[')).toBe('[')
  })

  it('does not grow without bounds on deep nesting', () => {
    expect(prettyJson('['.repeat(1_000)).length).toBeLessThan(90_000)
  })

  it('leaves what is no JSON in its order', () => {
    expect(prettyJson('null')).toBe('null')
    expect(prettyJson('')).toBe('')
    expect(prettyJson(']]')).toBe(']\n]')
  })
})
