import { isMaskedColumn } from '../../data/masking.ts'
import type { ArchivedColumn } from '../archive/manifest.ts'
import { keyFields } from '../browse/cells.ts'
import type { SideTable } from './sides.ts'

/** How two tables of one name are compared. */
export interface TablePlan {
  name: string
  left: SideTable
  right: SideTable
  /** Columns of both, in the order of the left side; they alone are compared. */
  common: string[]
  /** Columns of the primary key in its order; empty: rows are compared whole, as a multiset. */
  key: string[]
  /** What a person must know to read the result. */
  notes: string[]
}

export const hasSameColumns = ({ left, right, common }: TablePlan): boolean =>
  left.columns.length === common.length && right.columns.length === common.length

export function planTable(left: SideTable, right: SideTable): TablePlan {
  const theirs = new Map(right.columns.map(column => [column.name, column]))
  const common = left.columns.filter(column => theirs.has(column.name))
  const names = common.map(column => column.name)
  const notes = [
    ...listed('Only left has', left.columns, names),
    ...listed('Only right has', right.columns, names),
    ...common.flatMap(({ name, type }) => {
      const other = theirs.get(name)?.type
      return other === type ? [] : [`${name} is ${type} left, ${other} right`]
    }),
  ]
  const leftKey = keyNames(left.columns)
  const isSameKey = leftKey.join('\0') === keyNames(right.columns).join('\0')
  if (!isSameKey) notes.push('The primary keys differ, so rows are compared whole')
  else if (leftKey.length === 0) notes.push('Without a primary key, rows are compared whole')
  return { name: left.name, left, right, common: names, key: isSameKey ? leftKey : [], notes }
}

function listed(what: string, columns: readonly ArchivedColumn[], common: readonly string[]): string[] {
  const names = columns.flatMap(column => (common.includes(column.name) ? [] : column.name))
  return names.length === 0 ? [] : [`${what} ${names.length === 1 ? 'the column' : 'the columns'} ${names.join(', ')}`]
}

const keyNames = (columns: readonly ArchivedColumn[]): string[] =>
  keyFields(columns).map(field => columns[field]?.name ?? '')

/** Whether a text of one side has the hash of the same rows on the other: same columns in the same order. */
export const isSameLayout = (plan: TablePlan): boolean =>
  hasSameColumns(plan) && plan.right.columns.every((column, index) => column.name === plan.common[index])

/** Whether rows of a live side can be found again later by what may rest on the disk meanwhile. */
export const isFoundByKey = ({ key }: { key: readonly string[] }): boolean =>
  key.length > 0 && !key.some(isMaskedColumn)
