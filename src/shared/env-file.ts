/** What the text of an env file says. */
export interface EnvFile {
  variables: Record<string, string>
  /** Lines that could not be understood, by number; never with their text. */
  problems: string[]
}

const ASSIGNMENT = /^\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_.]*)\s*=[^\S\n]*/
const ESCAPES: Readonly<Record<string, string>> = { n: '\n', r: '\r', t: '\t' }

/**
 * Reads `NAME=value` lines as shells and dotenv files write them: `export`, comments, single quotes (literal) and double quotes
 * (with backslash escapes), quoted values over several lines. The last of two lines with one name counts. Variables inside
 * values are not expanded.
 */
export function parseEnvFile(text: string): EnvFile {
  const lines = text
    .replace(/^\uFEFF/, '')
    .replaceAll('\r\n', '\n')
    .split('\n')
  const file: EnvFile = { variables: {}, problems: [] }
  let index = 0
  while (index < lines.length) {
    const line = lines[index] ?? ''
    const assignment = ASSIGNMENT.exec(line)
    const name = assignment?.[1]
    if (name === undefined || assignment === null) {
      if (!/^\s*(#.*)?$/.test(line)) file.problems.push(`Line ${index + 1}: not of the form NAME=value`)
      index += 1
      continue
    }
    const rest = [line.slice(assignment[0].length), ...lines.slice(index + 1)]
    const value = readValue(rest)
    if (value.text === undefined) file.problems.push(`Line ${index + 1} (${name}): ${value.problem}`)
    else file.variables[name] = value.text
    index += value.lines
  }
  return file
}

interface Value {
  text: string | undefined
  problem: string
  /** Lines taken. */
  lines: number
}

function readValue(rest: readonly string[]): Value {
  const first = rest[0] ?? ''
  const quote = first[0]
  if (quote !== '"' && quote !== "'") {
    const text = first.startsWith('#') ? '' : first.replace(/\s#.*$/, '').trim()
    return { text, problem: '', lines: 1 }
  }
  const joined = rest.join('\n')
  const end = closingQuote(joined, quote)
  if (end === -1) return { text: undefined, problem: 'the quote is not closed', lines: 1 }
  const inner = joined.slice(1, end)
  const lines = inner.split('\n').length
  const tail = joined.slice(end + 1).split('\n', 1)[0] ?? ''
  if (!/^\s*(#.*)?$/.test(tail)) return { text: undefined, problem: 'something follows the closing quote', lines }
  return { text: quote === '"' ? unescaped(inner) : inner, problem: '', lines }
}

function closingQuote(text: string, quote: string): number {
  for (let at = 1; at < text.length; at++) {
    if (text[at] === quote) return at
    if (quote === '"' && text[at] === '\\') at += 1
  }
  return -1
}

const unescaped = (text: string): string =>
  text.replace(/\\([\s\S])/g, (whole, letter: string) => ESCAPES[letter] ?? (/["\\$`]/.test(letter) ? letter : whole))
