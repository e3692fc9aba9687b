import type { z } from 'zod'
import type { TableComparison } from '#shared/contract/backup.model.ts'
import type { ReadTx } from '../../../connections/postgres/database.ts'
import { quoteIdentifier, quoteQualified } from '../../../connections/postgres/identifier.ts'
import { readLiveState, type TableState } from './live-state.ts'
import { rowHash } from './row-hash.ts'
import { type ComparedColumn, joinOn, pairOf, readColumns, type TablePair } from './side-columns.ts'

type Comparison = z.infer<typeof TableComparison>

export interface SideComparison {
  /** Left is the schema beside live, right is live. */
  tables: Comparison[]
  sideState: TableState[]
  liveState: TableState[]
}

/** A join of millions of rows stays in memory; bounded, because each worker of a plan may take as much. */
const JOIN_MEMORY = '64MB'

/**
 * Compares two schemas in the transaction's snapshot, by primary key. Values are equal when their text is: stricter than their types'
 * own equality (1.0 is not 1.00, a citext keeps its case), and defined for types that have none. Tables whose states are equal
 * are not joined.
 */
export async function compareSides(
  tx: ReadTx<'registry'>,
  { side, live }: { side: string; live: string },
  onTable: (table: string) => void = () => undefined,
): Promise<SideComparison> {
  await tx.row({ text: `select set_config('work_mem', $1, true)`, values: [JOIN_MEMORY] })
  const sideState = await readLiveState(tx, side)
  const liveState = await readLiveState(tx, live)
  const [left, right] = [await readColumns(tx, side), await readColumns(tx, live)]
  const tables: Comparison[] = []
  const names = [...new Set([...sideState, ...liveState].map(state => state.table))].sort()
  for (const table of names) {
    onTable(table)
    const states = {
      left: sideState.find(state => state.table === table),
      right: liveState.find(state => state.table === table),
    }
    const columns = { left: left.get(table) ?? [], right: right.get(table) ?? [] }
    tables.push(await compareTable(tx, { table, side, live, states, columns }))
  }
  return { tables, sideState, liveState }
}

interface TableWork {
  table: string
  side: string
  live: string
  states: { left: TableState | undefined; right: TableState | undefined }
  columns: { left: ComparedColumn[]; right: ComparedColumn[] }
}

interface Counts {
  onlyLeft: string
  onlyRight: string
  changed: string
}

async function compareTable(tx: ReadTx<'registry'>, work: TableWork): Promise<Comparison> {
  const { table, states, columns } = work
  const { left, right } = states
  const hasOwnKey = (of: ComparedColumn[]) => of.some(column => column.keyPosition !== null)
  const base = { table, leftRows: left?.rows ?? null, rightRows: right?.rows ?? null }
  if (left === undefined || right === undefined) {
    const [onlyLeft, onlyRight] = [left?.rows ?? '0', right?.rows ?? '0']
    const state = left === undefined ? 'only-right' : 'only-left'
    const hasKey = hasOwnKey(left === undefined ? columns.right : columns.left)
    return { ...base, state, onlyLeft, onlyRight, changed: '0', hasKey, note: null }
  }
  const pair = pairOf(columns.left, columns.right)
  const isEqual = pair.isSame && left.rows === right.rows && left.hash === right.hash
  const counts = isEqual ? { onlyLeft: '0', onlyRight: '0', changed: '0' } : await countDifferences(tx, work, pair)
  const isDifferent = Object.values(counts).some(count => count !== '0') || !pair.isSame
  return {
    ...base,
    state: isDifferent ? 'different' : 'equal',
    ...counts,
    hasKey: pair.key.length > 0,
    note: pair.note,
  }
}

async function countDifferences(tx: ReadTx<'registry'>, work: TableWork, pair: TablePair): Promise<Counts> {
  const { table, side, live } = work
  const sources = { left: quoteQualified(side, table), right: quoteQualified(live, table) }
  const rows = BigInt(work.states.right?.rows ?? 0).toString()
  const text = pair.key.length > 0 ? keyedSql(pair, sources, rows) : keylessSql(pair, sources)
  const found = await tx.row<Counts>({ text })
  return found ?? { onlyLeft: '0', onlyRight: '0', changed: '0' }
}

interface Sources {
  left: string
  right: string
}

/**
 * The right side's hashes are made where it is scanned: a table in memory holds only them and the keys, however wide its rows are. What
 * the left side has is joined to it by several workers of the server; a full join could only be done by one before PostgreSQL 16.
 */
function keyedSql(pair: TablePair, { left, right }: Sources, rightRows: string): string {
  const key = pair.key.map(({ name }) => quoteIdentifier(name)).join(', ')
  const hashed = (source: string) => `(select ${key}, ${rowHash(pair.common, 't')} as "#h" from ${source} t)`
  return `select count(*) filter (where r."#h" is null)::text as "onlyLeft",
      (${rightRows} - count(r."#h"))::text as "onlyRight",
      count(*) filter (where l."#h" <> r."#h")::text as changed
    from ${hashed(left)} l left join ${hashed(right)} r on ${joinOn(pair.key, 'l', 'r')}`
}

/** Rows are only here or only there; the same row may be there more than once. */
const keylessSql = (pair: TablePair, { left, right }: Sources): string => `
  select coalesce(sum(greatest(l - r, 0)), 0)::text as "onlyLeft", coalesce(sum(greatest(r - l, 0)), 0)::text as "onlyRight", '0' as changed
  from (
    select sum(l) as l, sum(r) as r from (
      select ${rowHash(pair.common, 't')} as h, 1 as l, 0 as r from ${left} t
      union all
      select ${rowHash(pair.common, 't')}, 0, 1 from ${right} t
    ) rows group by h
  ) counts`
