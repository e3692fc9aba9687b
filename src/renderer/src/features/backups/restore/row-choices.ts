import type { TableComparison } from '#shared/contract/backup.model.ts'
import type { RowChoice } from '#shared/contract/restore.model.ts'

export type RowMode = RowChoice['mode']

export interface TableChoice {
  mode: RowMode
  /** Keys of the chosen rows as JSON, in the order of choosing; undefined for all that differ. */
  keys: readonly string[] | undefined
}

export type Choices = Readonly<Record<string, TableChoice>>

/** Rows are brought back by primary key: without one, or with nothing to bring, there is nothing to choose. */
export const isChoosable = (table: TableComparison): boolean =>
  table.hasKey &&
  table.leftRows !== null &&
  table.rightRows !== null &&
  (table.onlyLeft !== '0' || table.changed !== '0')

export function withMode(choices: Choices, table: string, mode: RowMode | undefined): Choices {
  if (mode === undefined) {
    const { [table]: _gone, ...rest } = choices
    return rest
  }
  return { ...choices, [table]: { keys: undefined, ...choices[table], mode } }
}

/** Chooses one row, or takes it out again; choosing the first row of a table narrows it down from all of them. */
export function withRow(choices: Choices, table: string, key: readonly string[]): Choices {
  const text = JSON.stringify(key)
  const before = choices[table] ?? { mode: 'insert-missing' as const, keys: undefined }
  const keys = before.keys ?? []
  const next = keys.includes(text) ? keys.filter(other => other !== text) : [...keys, text]
  if (next.length === 0) return withMode(choices, table, undefined)
  return { ...choices, [table]: { ...before, keys: next } }
}

export const hasRow = (choices: Choices, table: string, key: readonly string[]): boolean =>
  choices[table]?.keys?.includes(JSON.stringify(key)) ?? false

/** All rows again, instead of chosen ones. */
export function withAllRows(choices: Choices, table: string): Choices {
  const before = choices[table]
  return before === undefined ? choices : { ...choices, [table]: { ...before, keys: undefined } }
}

export const toRowChoices = (choices: Choices): RowChoice[] =>
  Object.entries(choices).map(([table, { mode, keys }]) => ({
    table,
    mode,
    ...(keys === undefined ? {} : { keys: keys.map(key => JSON.parse(key) as string[]) }),
  }))
