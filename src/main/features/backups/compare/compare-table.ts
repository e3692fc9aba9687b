import { createHash, type Hash } from 'node:crypto'
import { join } from 'node:path'
import { forEachRow, type RowView } from '../archive/copy-text.ts'
import { damaged } from '../archive/manifest.ts'
import { DifferenceList, LISTED_ROWS } from './difference-list.ts'
import { digester } from './digest-records.ts'
import { type Differences, joinSides } from './join.ts'
import { Partitions, partitionCount } from './partitions.ts'
import type { Side, SideTable, SideText } from './sides.ts'
import { isSameLayout, type TablePlan } from './table-plan.ts'

export interface TableWork {
  plan: TablePlan
  left: Side
  right: Side
  /** Folder of the comparison. */
  directory: string
  signal: AbortSignal
  onBytes: (bytes: number) => void
}

export interface TableResult extends Differences {
  leftRows: number
  rightRows: number
}

/**
 * Compares one table. The right side is read first: where its text has the hash that the left side promises, nothing else is read.
 * Else both sides leave a digest of each row in temporary files, which are joined piece by piece.
 */
export async function compareTable(work: TableWork): Promise<TableResult> {
  const { plan, directory, signal } = work
  const promised = isSameLayout(plan) ? plan.left.sha256 : null
  if (promised !== null && promised === plan.right.sha256) return equal(plan.left.rows ?? 0)
  const count = partitionCount(Math.max(plan.left.estimatedRows, plan.right.estimatedRows))
  const left = new Partitions(join(directory, 'left.tmp'), count)
  const right = new Partitions(join(directory, 'right.tmp'), count)
  try {
    const hash = await partition({ side: work.right, table: plan.right, into: right, work })
    if (promised === hash) return equal(right.rows)
    await partition({ side: work.left, table: plan.left, into: left, work })
    const found = await joinSides(left, right, signal)
    return { ...found, leftRows: left.rows, rightRows: right.rows }
  } finally {
    await Promise.all([left.remove(), right.remove()])
  }
}

function equal(rows: number): TableResult {
  const none = { onlyLeft: new DifferenceList(), onlyRight: new DifferenceList(), changed: new DifferenceList() }
  return { ...none, leftRows: rows, rightRows: rows }
}

interface Pass {
  side: Side
  table: SideTable
  into: Partitions
  work: TableWork
}

/** Resolves to the hash of the text that passed. */
async function partition({ side, table, into, work }: Pass): Promise<string> {
  const { plan, onBytes } = work
  const source = side.text(table, plan.common)
  const fields = plan.common.map(name => source.columns.findIndex(column => column.name === name))
  const width = source.columns.length
  const rowDigest = digester(fields, width)
  const key = plan.key.map(name => fields[plan.common.indexOf(name)] ?? -1)
  const keyDigest = key.length === 0 ? undefined : digester(key, width)
  const hash = createHash('sha256')
  const onRow = (row: RowView) => {
    if (row.fields !== Math.max(width, 1)) throw damaged(`a row of table "${table.name}" has ${row.fields} fields`)
    const digest = rowDigest(row)
    into.add(keyDigest === undefined ? digest : keyDigest(row), digest)
  }
  const text = metered(source, { hash, onBytes, settle: () => into.settle() })
  await forEachRow(text, onRow, () => damaged(`the text of table "${table.name}" ends inside a row`))
  return hash.digest('hex')
}

interface Meter {
  hash: Hash
  onBytes: (bytes: number) => void
  settle: () => Promise<void>
}

async function* metered({ text }: SideText, { hash, onBytes, settle }: Meter): AsyncGenerator<Buffer> {
  for await (const chunk of text) {
    hash.update(chunk)
    onBytes(chunk.length)
    yield chunk
    // The chunk's rows have been taken in when the next chunk is asked for.
    await settle()
  }
}

/** What a person must know beside the counts. */
export function limitNotes(result: Differences): string[] {
  const isCut = [result.onlyLeft, result.onlyRight, result.changed].some(list => list.count > list.listed)
  return isCut
    ? [`Of each kind at most ${LISTED_ROWS.toLocaleString('en')} rows are listed; the counts are of all`]
    : []
}
