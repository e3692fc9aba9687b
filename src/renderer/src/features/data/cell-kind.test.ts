import { describe, expect, it } from 'vitest'
import type { DataColumn } from '#shared/contract/data.ts'
import { cellKind, cellText, columnWidth } from './cell-kind.ts'

it.each([
  ['numeric(14,2)', 'number'],
  ['bigint', 'number'],
  ['integer[]', 'text'],
  ['boolean', 'boolean'],
  ['uuid', 'uuid'],
  ['jsonb', 'json'],
  ['timestamp with time zone', 'instant'],
  ['timestamp(3) with time zone', 'instant'],
  ['timestamp without time zone', 'time'],
  ['date', 'time'],
  ['interval', 'time'],
  ['bytea', 'binary'],
  ['character varying(20)', 'text'],
  ['citext', 'text'],
  ['daterange', 'text'],
])('cellKind(%s) is %s', (type, kind) => {
  expect(cellKind(type)).toBe(kind)
})

it('cellText keeps null apart from the empty text', () => {
  expect(cellText(null)).toBeNull()
  expect(cellText('')).toBe('')
  expect(cellText({ preview: 'start', bytes: 9_000 })).toBe('start')
})

describe('columnWidth', () => {
  const column = (name: string, type: string) => ({ name, type }) as DataColumn

  it('always shows the name', () => {
    expect(columnWidth(column('a_rather_long_column_name', 'boolean'), [])).toBeGreaterThan(200)
  })

  it('follows the content up to a limit', () => {
    const short = columnWidth(column('code', 'text'), ['AB', 'CD'])
    const long = columnWidth(column('code', 'text'), ['x'.repeat(500)])
    expect(short).toBeLessThan(100)
    expect(long).toBe(300)
  })
})
