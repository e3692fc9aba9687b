import type { TableComparison } from '#shared/contract/backup.model.ts'
import { AppError } from '#shared/errors.ts'
import { limitNotes, type TableResult } from './compare-table.ts'
import type { BothSides, Side } from './sides.ts'
import { hasSameColumns, type TablePlan } from './table-plan.ts'

export function reportOf(plan: TablePlan, result: TableResult): TableComparison {
  const counts = [result.onlyLeft.count, result.onlyRight.count, result.changed.count]
  const notes = [...plan.notes, ...limitNotes(result)]
  return {
    table: plan.name,
    // A column that one side lacks is a difference, whatever the others hold.
    state: hasSameColumns(plan) && counts.every(count => count === 0) ? 'equal' : 'different',
    leftRows: String(result.leftRows),
    rightRows: String(result.rightRows),
    onlyLeft: String(result.onlyLeft.count),
    onlyRight: String(result.onlyRight.count),
    changed: String(result.changed.count),
    hasKey: plan.key.length > 0,
    note: notes.length === 0 ? null : `${notes.join('. ')}.`,
  }
}

/** A table that one side lacks: all its rows are only on the other. */
export async function oneSided({ left, right }: BothSides, name: string): Promise<TableComparison> {
  const isLeft = left.tables.has(name)
  const table = left.tables.get(name) ?? right.tables.get(name)
  if (table === undefined) throw new AppError('INTERNAL', 'A table of neither side was compared.')
  const rows = String(table.rows ?? (await countRows(right, name)))
  return {
    table: name,
    state: isLeft ? 'only-left' : 'only-right',
    leftRows: isLeft ? rows : null,
    rightRows: isLeft ? null : rows,
    onlyLeft: isLeft ? rows : '0',
    onlyRight: isLeft ? '0' : rows,
    changed: '0',
    hasKey: table.columns.some(column => column.keyPosition !== null),
    note: null,
  }
}

/** By their ends, as rows of the shortest text the table can give. */
async function countRows(side: Side, name: string): Promise<number> {
  const table = side.tables.get(name)
  if (table === undefined) return 0
  let rows = 0
  const { text } = side.text(
    table,
    table.columns.slice(0, 1).map(column => column.name),
  )
  for await (const chunk of text) for (const byte of chunk) if (byte === 0x0a) rows++
  return rows
}
