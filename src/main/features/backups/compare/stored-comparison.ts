import { join } from 'node:path'
import type { Comparison, TableComparison } from '#shared/contract/backup.model.ts'
import { AppError } from '#shared/errors.ts'
import type { ArchivedColumn } from '../archive/manifest.ts'
import { readSlice } from './comparison-folder.ts'
import { PAIR_BYTES, type Pair, pairsOf } from './difference-list.ts'
import { NOT_KEPT } from './live-only.ts'

export type DifferenceKind = 'onlyLeft' | 'onlyRight' | 'changed'

/** A table that both sides have. */
export interface StoredTable {
  left: ArchivedColumn[]
  right: ArchivedColumn[]
  common: string[]
  key: string[]
  /** Number of the table in its comparison: names its files. */
  index: number
  listed: Record<DifferenceKind, number>
  /** Rows that only live has: their keys were kept, or else the rows. */
  isFoundByKey: boolean
}

export interface StoredComparison {
  /** Who may ask: environment and tenant. */
  owner: string
  directory: string
  /** Hashes of the manifests; null for live. */
  leftHash: string
  rightHash: string | null
  leftPrefix: string
  rightPrefix: string | null
  tables: Map<string, StoredTable>
  report: Comparison
}

export const pairsPath = (directory: string, index: number, kind: DifferenceKind): string =>
  join(directory, `${index}-${kind}.pairs`)

export const linesPath = (directory: string, index: number): string => join(directory, `${index}-live.jsonl`)

export function storedTable(comparison: StoredComparison, name: string): StoredTable {
  const table = comparison.tables.get(name)
  if (table !== undefined) return table
  const isKnown = comparison.report.tables.some((candidate: TableComparison) => candidate.table === name)
  if (!isKnown) throw new AppError('NOT_FOUND', `The comparison has no table ${name}.`)
  throw new AppError('UNSUPPORTED', `Only one side has the table ${name}.`, {
    hint: 'Open the table on the side that has it.',
  })
}

export async function readPairs(
  comparison: StoredComparison,
  { table, kind, from, limit }: { table: StoredTable; kind: DifferenceKind; from: number; limit: number },
): Promise<Pair[]> {
  if (table.listed[kind] <= from) return []
  const path = pairsPath(comparison.directory, table.index, kind)
  return pairsOf(await readSlice(path, from * PAIR_BYTES, limit * PAIR_BYTES))
}

/** What was written down of rows that only live has; undefined for a row whose key was too long. */
export async function readLines(
  comparison: StoredComparison,
  table: StoredTable,
  { pairs, end }: { pairs: readonly Pair[]; end: number | undefined },
): Promise<unknown[]> {
  const start = pairs.find(pair => pair.partner !== NOT_KEPT)?.partner
  if (start === undefined) return pairs.map(() => undefined)
  const bytes = await readSlice(
    linesPath(comparison.directory, table.index),
    start,
    end === undefined ? undefined : end - start,
  )
  return pairs.map(({ partner }) => {
    if (partner === NOT_KEPT) return undefined
    const at = partner - start
    return JSON.parse(bytes.toString('utf8', at, bytes.indexOf('\n', at))) as unknown
  })
}
