import type { Terminal } from '../terminal.ts'
import { ABSENT, at, nameOf, type Section, show, titleOf } from './sections.ts'
import { type Column, fields, table } from './table.ts'
import { clean, safeJson } from './text.ts'
import { viewOf } from './views.ts'

const FIGURE = /^-?[\d.,]+( ([KMGTP]i)?B)?$/

/** Writes the result to standard output, and what concerns the person only (more pages) to standard error. */
export function printResult(terminal: Terminal, name: string, result: unknown): void {
  const sections = viewOf(name, result).filter(isFilled)
  terminal.out(sections.map(section => layOut(section, terminal.columns !== undefined)).join('\n'))
  if (sections.length === 0) terminal.note('Nothing to show.\n')
  const cursor: unknown = typeof result === 'object' && result !== null ? Reflect.get(result, 'nextCursor') : undefined
  if (typeof cursor === 'string') terminal.note(`There is more: --cursor '${clean(cursor)}'\n`)
}

export const printJson = (terminal: Terminal, result: unknown): void => terminal.out(`${safeJson(result ?? null)}\n`)

function isFilled(section: Section): boolean {
  if ('fields' in section) return section.fields.length > 0
  return 'cells' in section ? section.cells.length > 0 : section.rows.length > 0
}

function layOut(section: Section, isTerminal: boolean): string {
  const title = section.title === undefined ? '' : `${clean(section.title)}\n`
  if ('fields' in section) {
    return title + fields(section.fields.map(([path, value]) => [nameOf(path), show(path, value)] as const))
  }
  if ('cells' in section) {
    const cells = section.cells.map(row => row.map(clean))
    return title + table(section.titles.map(clean).map(columnOf(cells)), cells, isTerminal)
  }
  const cells = section.rows.map(row => section.paths.map(path => show(path, at(row, path))))
  return title + table(section.paths.map(titleOf).map(clean).map(columnOf(cells)), cells, isTerminal)
}

const columnOf =
  (cells: readonly (readonly string[])[]) =>
  (title: string, index: number): Column => {
    const texts = cells.map(row => row[index] ?? '').filter(text => text !== ABSENT && text !== 'NULL')
    return { title, align: texts.length > 0 && texts.every(text => FIGURE.test(text)) ? 'right' : 'left' }
  }
