import { describe, expect, it } from 'vitest'
import type { DataColumn } from '#shared/contract/data.ts'
import { cellKind, cellText, columnWidth, copyableText, headerDetail, shortType } from './cell-kind.ts'

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

const column = (name: string, type: string, more: Partial<DataColumn> = {}): DataColumn => ({
  name,
  type,
  nullable: true,
  isPrimaryKey: false,
  isSortable: false,
  isMasked: false,
  references: null,
  ...more,
})

it.each([
  ['timestamp with time zone', 'timestamptz'],
  ['timestamp(3) with time zone', 'timestamptz(3)'],
  ['time with time zone', 'timetz'],
  ['timestamp without time zone', 'timestamp'],
  ['timestamp without time zone[]', 'timestamp[]'],
  ['time(0) without time zone', 'time(0)'],
  ['character varying(20)', 'varchar(20)'],
  ['character(3)', 'char(3)'],
  ['numeric(14,2)', 'numeric(14,2)'],
  ['character_kind', 'character_kind'],
])('shortType(%s) is %s', (type, short) => {
  expect(shortType(type)).toBe(short)
})

it('copyableText gives nothing of NULL and of masked values', () => {
  expect(copyableText(column('name', 'text'), 'x')).toBe('x')
  expect(copyableText(column('name', 'text'), null)).toBeNull()
  expect(copyableText(column('pan', 'text', { isMasked: true }), '••••••')).toBeNull()
})

it('headerDetail names the table that a foreign key points to', () => {
  expect(headerDetail(column('id', 'uuid'))).toBe('uuid')
  expect(headerDetail(column('user_id', 'uuid', { references: 'users' }))).toBe('uuid → users')
})

describe('columnWidth', () => {
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
