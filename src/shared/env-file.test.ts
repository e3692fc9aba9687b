import { describe, expect, test } from 'vitest'
import { parseEnvFile } from './env-file.ts'

describe('an env file', () => {
  test.each([
    ['A=1', '1'],
    ['  A = 1  ', '1'],
    ['export A=1', '1'],
    ['A=', ''],
    ['A="with spaces"', 'with spaces'],
    ["A='single $HOME \\n'", 'single $HOME \\n'],
    ['A="line\\nbreak \\"quoted\\" \\$5 \\\\"', 'line\nbreak "quoted" $5 \\'],
    ['A="\\d stays"', '\\d stays'],
    ['A=one # a comment', 'one'],
    ['A=one#two', 'one#two'],
    ['A=# only a comment', ''],
    ['A="one # two" # three', 'one # two'],
    ['A=postgres://u:p@h/d?x=1&y=2', 'postgres://u:p@h/d?x=1&y=2'],
    ["A=it's", "it's"],
    ['A="over\ntwo lines"', 'over\ntwo lines'],
    ["A='-----BEGIN-----\nabc\n-----END-----'", '-----BEGIN-----\nabc\n-----END-----'],
    ['\uFEFFA=1', '1'],
    ['A=1\r\n', '1'],
    ['A="a\r\nb"\r\n', 'a\nb'],
    ['A=first\nA=last', 'last'],
  ])('%j', (text, value) => {
    expect(parseEnvFile(text)).toEqual({ variables: { A: value }, problems: [] })
  })

  test('goes on after a value of several lines', () => {
    expect(parseEnvFile('A="1\n2\n3"\n# comment\n\nB=4')).toEqual({ variables: { A: '1\n2\n3', B: '4' }, problems: [] })
  })

  test.each([
    ['hunter2', 'Line 1'],
    ['A=1\n=hunter2', 'Line 2'],
    ['9A=hunter2', 'Line 1'],
    ['B=1\nA="hunter2', 'Line 2 (A)'],
    ['A="x"hunter2', 'Line 1 (A)'],
  ])('names the line it does not understand, never its text: %j', (text, place) => {
    const { problems } = parseEnvFile(text)
    expect(problems).toHaveLength(1)
    expect(problems[0]).toContain(place)
    expect(problems[0]).not.toContain('hunter2')
  })

  test('an unclosed quote does not swallow the lines after it', () => {
    expect(parseEnvFile('A="open\nB=2').variables).toEqual({ B: '2' })
  })
  test('a name cannot reach the prototype', () => {
    const { variables } = parseEnvFile('__proto__=x\nconstructor=y')
    expect(Object.getPrototypeOf(variables)).not.toBe('x')
    expect({}.constructor).toBe(Object)
  })
})
