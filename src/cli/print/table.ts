import { cut, width } from './text.ts'

export interface Column {
  title: string
  /** Figures stand right, so that their digits stand above each other. */
  align: 'left' | 'right'
}

/** On a terminal a cell takes at most this many columns; in a file or pipe nothing is cut. */
const CELL_COLUMNS = 48
const GAP = '  '

export function table(columns: readonly Column[], rows: readonly (readonly string[])[], isTerminal: boolean): string {
  const shown = isTerminal ? rows.map(row => row.map(cell => cut(cell, CELL_COLUMNS))) : rows
  const widths = columns.map((column, at) => Math.max(width(column.title), ...shown.map(row => width(row[at] ?? ''))))
  const line = (cells: readonly string[]) =>
    columns
      .map((column, at) => pad(cells[at] ?? '', widths[at] ?? 0, column.align))
      .join(GAP)
      .trimEnd()
  const head = line(columns.map(column => column.title))
  const rule = widths.map(columnWidth => '─'.repeat(columnWidth)).join(GAP)
  return [head, rule, ...shown.map(line), ''].join('\n')
}

export function fields(pairs: readonly (readonly [string, string])[]): string {
  const widest = Math.max(0, ...pairs.map(([name]) => width(name)))
  return pairs.map(([name, value]) => `${pad(name, widest, 'left')}${GAP}${value}\n`).join('')
}

function pad(text: string, columns: number, align: Column['align']): string {
  const space = ' '.repeat(Math.max(0, columns - width(text)))
  return align === 'right' ? space + text : text + space
}
