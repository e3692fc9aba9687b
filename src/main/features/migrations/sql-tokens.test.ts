import { describe, expect, it } from 'vitest'
import { SqlTextError, splitStatements, tokenize } from './sql-tokens.ts'

const kinds = (text: string) => tokenize(text).map(token => [token.kind, token.value])
const statements = (text: string) =>
  splitStatements(tokenize(text)).map(tokens => tokens.map(token => token.value).join(' '))

describe('SQL text', () => {
  it.each([
    [`'a;b'`, [['string', `'a;b'`]]],
    [`'it''s'`, [['string', `'it''s'`]]],
    [`E'it\\'s; --'`, [['string', `E'it\\'s; --'`]]],
    [`"a""b;"`, [['name', 'a"b;']]],
    [`U&"d\\0061t"`, [['name', 'd\\0061t']]],
    [`$$ drop table x; $$`, [['string', '$$ drop table x; $$']]],
    [`$a$ $b$ $$ ; $b$ $a$`, [['string', '$a$ $b$ $$ ; $b$ $a$']]],
    [`$1`, [['parameter', '$1']]],
    [`a$b$c`, [['word', 'a$b$c']]],
    [`/* a /* b; */ c */`, [['comment', '/* a /* b; */ c */']]],
    [`-- 'not a string`, [['comment', `-- 'not a string`]]],
    [`1.5e-3`, [['number', '1.5e-3']]],
    [`Größe`, [['word', 'größe']]],
    [
      'x::text',
      [
        ['word', 'x'],
        ['symbol', '::'],
        ['word', 'text'],
      ],
    ],
  ])('%s is read as PostgreSQL reads it', (text, expected) => {
    expect(kinds(text)).toEqual(expected)
  })

  it('is split at semicolons that end a statement, and at no other', () => {
    const text = `
      create table "a;b" (x text default ';'); -- ; in a comment
      do $$ begin perform 1; end $$;;
      create function f() returns int begin atomic select case when true then 1 end; select 2; end;
      select 1`
    expect(statements(text)).toEqual([
      `create table a;b ( x text default ';' )`,
      'do $$ begin perform 1; end $$',
      'create function f ( ) returns int begin atomic select case when true then 1 end ; select 2 ; end',
      'select 1',
    ])
  })

  it('knows the line of every token', () => {
    const lines = tokenize(`a\n'b\nb'\r\n/* c\n */ d`).map(token => token.line)
    expect(lines).toEqual([1, 2, 4, 5])
  })

  it.each([
    [`select 1;\nselect 'open`, 2],
    [`select "open`, 1],
    [`select 1 /* /* */`, 1],
    [`\n\n$x$ open $$`, 3],
    [`E'a\\'`, 1],
  ])('%s is refused with its line', (text, line) => {
    expect(() => tokenize(text)).toThrow(SqlTextError)
    expect(() => tokenize(text)).toThrow(expect.objectContaining({ line }))
  })

  it('comes back whole from its tokens, however it is cut', () => {
    const pieces = [
      `'`,
      '"',
      '$$',
      '$a$',
      '--',
      '/*',
      '*/',
      ';',
      '\n',
      'E',
      '\\',
      'word',
      ' ',
      '(',
      ')',
      'é',
      '$1',
      ':',
    ]
    let seed = 7
    const random = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648
      return seed % below
    }
    for (let round = 0; round < 3_000; round += 1) {
      const text = Array.from({ length: 1 + random(12) }, () => pieces[random(pieces.length)]).join('')
      try {
        const tokens = tokenize(text)
        const between = tokens.map((token, index) => text.slice(tokens[index - 1]?.end ?? 0, token.start))
        expect(between.join('').trim()).toBe('')
        expect(text.slice(tokens.at(-1)?.end ?? 0).trim()).toBe('')
      } catch (error) {
        expect(error).toBeInstanceOf(SqlTextError)
      }
    }
  })
})
