import { describe, expect, test } from 'vitest'
import { ScriptScanner } from './script-scanner.ts'

/** What psql would be given, read in pieces of one size. */
function scanned(text: string, pieceBytes = 7): string {
  const scanner = new ScriptScanner()
  const bytes = Buffer.from(text)
  const output: Buffer[] = []
  for (let at = 0; at < bytes.length; at += pieceBytes)
    output.push(...scanner.push(bytes.subarray(at, at + pieceBytes)))
  output.push(...scanner.finish())
  return Buffer.concat(output).toString()
}

const DUMP = `--
-- PostgreSQL database dump
--

\\restrict aB3

SET standard_conforming_strings = on;
CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $_$ select '\\x' || $1; $_$;
COMMENT ON TABLE t IS 'it''s \\ a ; "path"';
COMMENT ON COLUMN "odd\\name;".x IS E'\\'\\\\';
/* a /* nested \\ */ comment */
COPY public.t (id, v) FROM stdin;
1\tC:\\\\temp
\\N\t\\.x
\\.x
2\t'"$$ -- /*
\\.


COPY public.empty (id) FROM stdin;
\\.


SELECT pg_catalog.setval('s', 1, true);
--
-- PostgreSQL database dump complete
--

\\unrestrict aB3

`

describe('the scanner of dump scripts', () => {
  test.each([1, 2, 3, 5, 7, 64, 100_000])(
    'lets pg_dump’s script through without its restrict commands, in pieces of %i',
    size => {
      expect(scanned(DUMP, size)).toBe(DUMP.replace('\\restrict aB3\n', '').replace('\\unrestrict aB3\n', ''))
    },
  )

  test.each([
    ['at the beginning of a line', 'SELECT 1;\n\\! id\n'],
    ['behind blanks', 'SELECT 1;\n   \\! id\n'],
    ['behind a statement', 'SELECT 1; \\! id\n'],
    ['inside a statement', 'SELECT 1 \\gexec\n'],
    ['as the very last bytes', 'SELECT 1;\n\\! id'],
    ['after a string that a backslash does not escape', `SELECT '\\';\n\\! id\n`],
    ['after an escape string', `SELECT E'\\\\';\n\\! id\n`],
    ['after a name that ends in e', `SELECT type'x\\';\n\\! id\n`],
    ['after COPY data', 'COPY t (a) FROM stdin;\n1\n\\.\n\\! id\n'],
    ['after a dollar in a name', 'SELECT a$b$ \\! id $b$;\n'],
    ['after a quoted string with a tag', 'SELECT $a$ $b$ $a$ \\! id\n'],
    ['after a comment', '/* /* */ */ \\! id\n'],
    ['after a line comment', '-- x\n\\! id\n'],
    ['a second restrict', '\\restrict a\n\\restrict b\nSELECT 1;\n'],
    ['a restrict after a statement', 'SELECT 1;\n\\restrict a\n'],
    ['an unrestrict without its restrict', '\\unrestrict a\n\\! id\n'],
    ['an unrestrict with another key', '\\restrict a\n\\unrestrict b\n'],
    ['a restrict with more behind it', '\\restrict a \\! id\n'],
  ])('refuses a command: %s', (_, script) => {
    for (const size of [1, 4, 1_000]) expect(() => scanned(script, size)).toThrow(/not run/)
  })

  test.each([
    ['statements after the end', '\\restrict a\nSELECT 1;\n\\unrestrict a\nSELECT 2;\n'],
    ['COPY in another form', 'COPY t FROM stdin WITH (FORMAT csv);\n1\n'],
    ['COPY from a program', `COPY t FROM PROGRAM 'id';\n`],
    ['COPY data on the same line', 'COPY t (a) FROM stdin; SELECT 1;\n'],
    ['strings with backslashes', 'SET standard_conforming_strings = off;\n'],
  ])('refuses %s', (_, script) => {
    expect(() => scanned(script)).toThrow(/not run/)
  })

  test.each([
    ['in a string', `SELECT 'x`],
    ['in COPY data', 'COPY t (a) FROM stdin;\n1\n'],
    ['in a function', 'CREATE FUNCTION f() AS $$ x\n'],
    ['in a comment', '/* x\n'],
  ])('refuses a script that ends %s', (_, script) => {
    expect(() => scanned(script)).toThrow(/ends in the middle/)
  })

  test('names the line', () => {
    expect(() => scanned('SELECT 1;\nSELECT 2;\n\\! id\n')).toThrow(/at line 3/)
  })

  test('scans COPY data of one long line in little time', () => {
    const scanner = new ScriptScanner()
    scanner.push(Buffer.from('COPY t (a) FROM stdin;\n'))
    const piece = Buffer.alloc(1024 * 1024, 'x')
    const began = performance.now()
    for (let count = 0; count < 200; count++) scanner.push(piece)
    expect(performance.now() - began).toBeLessThan(5_000)
    scanner.push(Buffer.from('\n\\.\n'))
    scanner.finish()
  })
})
