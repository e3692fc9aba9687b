import { describe, expect, it } from 'vitest'
import { NO_DIRECTIVES, readDirectives, statementTexts } from './directives.ts'

describe('directives of a migration file', () => {
  it.each([
    ['select 1', {}],
    ['-- just a comment\nselect 1', {}],
    ['-- tenantry: no-transaction\ncreate index concurrently i on t (a)', { isWithoutTransaction: true }],
    [
      '\n/* why */\n--tenantry:  lock-timeout  2s \n-- tenantry: statement-timeout 5min\nselect 1',
      { lockTimeoutMs: 2_000, statementTimeoutMs: 300_000 },
    ],
    ['-- tenantry: lock-timeout 250ms\r\nselect 1', { lockTimeoutMs: 250 }],
    [
      '-- tenantry: batch 500\nupdate t set a = 1 where ctid in (select ctid from t where a is null limit $1)',
      { batchRows: 500 },
    ],
    [`select '\n-- tenantry: nonsense\n'`, {}],
  ])('%j says %j', (text, expected) => {
    expect(readDirectives(text)).toEqual({ ...NO_DIRECTIVES, ...expected })
  })

  it.each([
    ['-- why\n-- tenantry: no-transactions\nselect 1', 2, 'is no directive'],
    ['-- tenantry:\nselect 1', 1, 'is no directive'],
    ['-- tenantry: no-transaction please\nselect 1', 1, 'takes no value'],
    ['-- tenantry: lock-timeout\nselect 1', 1, 'takes a time'],
    ['-- tenantry: lock-timeout 2\nselect 1', 1, 'takes a time'],
    ['-- tenantry: lock-timeout 0s\nselect 1', 1, 'outside'],
    ['-- tenantry: lock-timeout 9999999min\nselect 1', 1, 'outside'],
    ['-- tenantry: lock-timeout 1s\n-- tenantry: lock-timeout 2s\nselect 1', 2, 'twice'],
    ['select 1;\n-- tenantry: no-transaction', 2, 'after the first statement'],
    ['-- tenantry: batch 0\nupdate t set a = $1', 1, '1 to 1000000'],
    ['-- tenantry: batch 10\nupdate t set a = 1', 1, 'as $1'],
    ['-- tenantry: batch 10\nupdate t set a = $1;\nselect 1', 3, 'exactly one'],
    ['-- tenantry: batch 10\n-- tenantry: no-transaction\nupdate t set a = $1', 1, 'by itself'],
  ])('%j is refused at line %i', (text, line, message) => {
    expect(() => readDirectives(text)).toThrow(
      expect.objectContaining({ line, message: expect.stringContaining(message) }),
    )
  })

  it('leave the statements as they are written', () => {
    expect(statementTexts(`-- a\ncreate index i on "t;" (a); /* b */ ;\n reindex index i -- c\n;`)).toEqual([
      'create index i on "t;" (a)',
      'reindex index i',
    ])
  })
})
