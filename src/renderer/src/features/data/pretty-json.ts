/** Deeper than anybody reads; keeps hostile nesting from widening the page. */
const MAX_DEPTH = 40
const INDENT = '  '
const TOKENS = /"(?:[^"\\]|\\.)*"?|[{}[\],:]|[^\s{}[\],:"]+/g
const OPENING = '{['
const CLOSING = '}]'

/**
 * JSON over several lines. It moves the text's own tokens and computes nothing, so every digit of a number stays, and a document
 * that was cut somewhere is laid out up to there.
 */
export function prettyJson(text: string): string {
  const tokens = text.match(TOKENS) ?? []
  const lines: string[] = []
  let line = ''
  let depth = 0
  const breakLine = () => {
    lines.push(line)
    line = INDENT.repeat(Math.min(depth, MAX_DEPTH))
  }
  for (const [index, token] of tokens.entries()) {
    const next = tokens[index + 1]
    if (OPENING.includes(token)) {
      line += token
      depth += 1
      if (next !== undefined && !CLOSING.includes(next)) breakLine()
    } else if (CLOSING.includes(token)) {
      depth = Math.max(depth - 1, 0)
      if (!OPENING.includes(tokens[index - 1] ?? '')) breakLine()
      line += token
    } else if (token === ',') {
      line += token
      breakLine()
    } else {
      line += token === ':' ? ': ' : token
    }
  }
  lines.push(line)
  return lines.join('\n')
}
