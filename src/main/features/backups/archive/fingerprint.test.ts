import { describe, expect, it } from 'vitest'
import { compareDefinitions, describeDifferences } from './fingerprint.ts'

const EXPECTED = ['column a.x: text', 'index a.i: CREATE INDEX i ON a (x)', 'relation a: table (x)'].join('\n')

describe('the difference of two schemas', () => {
  it('is nothing for the same text', () => {
    expect(compareDefinitions(EXPECTED, EXPECTED)).toEqual([])
    expect(compareDefinitions('', '')).toEqual([])
  })

  it('names what is missing, extra and changed', () => {
    const actual = ['column a.x: integer', 'column a.y: text', 'relation a: table (x)'].join('\n')
    const differences = compareDefinitions(EXPECTED, actual)
    expect(differences).toEqual([
      { what: 'column a.x', kind: 'changed' },
      { what: 'column a.y', kind: 'extra' },
      { what: 'index a.i', kind: 'missing' },
    ])
    expect(describeDifferences(differences)).toBe('changed column a.x, extra column a.y, missing index a.i')
  })

  it('is told in a few words however long it is', () => {
    const actual = Array.from({ length: 40 }, (_, index) => `column a.c${index}: text`).join('\n')
    expect(describeDifferences(compareDefinitions('', actual))).toMatch(/^(extra column a\.c\d+, ){5}and 35 more$/)
  })
})
