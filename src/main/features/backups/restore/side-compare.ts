import type { z } from 'zod'
import type { TableComparison } from '#shared/contract/backup.model.ts'
import type { ReadTx } from '../../../connections/postgres/database.ts'
import { quoteIdentifier, quoteQualified } from '../../../connections/postgres/identifier.ts'
import { readTableState, type TableState, tablesOf } from './live-state.ts'
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
 * own equality (1.0 is not 1.00, a citext keeps its case), and defined for types that have none.
 */
export async function compareSides(
  tx: ReadTx<'registry'>,
  { side, live }: { side: string; live: string },
  onTable: (table: string) => void = () => undefined,
): Promise<SideComparison> {
  await tx.row({ text: `select set_config('work_mem', $1, true)`, values: [JOIN_MEMORY] })
  const [left, right] = [await readColumns(tx, side), await readColumns(tx, live)]
  const [leftTables, rightTables] = [new Set(await tablesOf(tx, side)), new Set(await tablesOf(tx, live))]
  const compared: SideComparison = { tables: [], sideState: [], liveState: [] }
  for (const table of [...new Set([...leftTables, ...rightTables])].sort(byBytes)) {
    onTable(table)
    const columns = { left: left.get(table) ?? [], right: right.get(table) ?? [] }
    const has = { left: leftTables.has(table), right: rightTables.has(table) }
    const one = await compareTable(tx, { table, side, live, columns, has })
    compared.tables.push(one.comparison)
    if (one.left !== undefined) compared.sideState.push(one.left)
    if (one.right !== undefined) compared.liveState.push(one.right)
  }
  return compared
}

/** The order in which states of a schema are read elsewhere: by the bytes of their names. */
const byBytes = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b))

interface TableWork {
  table: string
  side: string
  live: string
  columns: { left: ComparedColumn[]; right: ComparedColumn[] }
  has: { left: boolean; right: boolean }
}

interface Counts {
  onlyLeft: string
  onlyRight: string
  changed: string
}

const NONE: Counts = { onlyLeft: '0', onlyRight: '0', changed: '0' }

interface Compared {
  comparison: Comparison
  left: TableState | undefined
  right: TableState | undefined
}

async function compareTable(tx: ReadTx<'registry'>, work: TableWork): Promise<Compared> {
  const { table, side, live, columns, has } = work
  if (!has.left || !has.right) return await oneSided(tx, work)
  const pair = pairOf(columns.left, columns.right)
  const sources = { left: quoteQualified(side, table), right: quoteQualified(live, table) }
  const found = (await joinedAtOnce(tx, pair, sources)) ?? {
    left: await readTableState(tx, { schema: side, table, columns: columns.left }),
    right: await readTableState(tx, { schema: live, table, columns: columns.right }),
  }
  const left = { ...found.left, table }
  const right = { ...found.right, table }
  const isEqual = pair.isSame && left.rows === right.rows && left.hash === right.hash
  const counts = isEqual
    ? NONE
    : 'counts' in found
      ? found.counts
      : await countDifferences(tx, { pair, sources, rightRows: right.rows })
  const isDifferent = Object.values(counts).some(count => count !== '0') || !pair.isSame
  const state = isDifferent ? 'different' : 'equal'
  const rows = { leftRows: left.rows, rightRows: right.rows }
  return { comparison: { table, ...rows, state, ...counts, hasKey: pair.key.length > 0, note: pair.note }, left, right }
}

async function oneSided(tx: ReadTx<'registry'>, { table, side, live, columns, has }: TableWork): Promise<Compared> {
  const [schema, own] = has.left ? [side, columns.left] : [live, columns.right]
  const state = await readTableState(tx, { schema, table, columns: own })
  const [leftRows, rightRows] = has.left ? [state.rows, null] : [null, state.rows]
  const counts = { onlyLeft: leftRows ?? '0', onlyRight: rightRows ?? '0', changed: '0' }
  const hasKey = own.some(column => column.keyPosition !== null)
  const name = has.left ? ('only-left' as const) : ('only-right' as const)
  const comparison = { table, leftRows, rightRows, state: name, ...counts, hasKey, note: null }
  return { comparison, left: has.left ? state : undefined, right: has.left ? undefined : state }
}

interface Joined extends Counts {
  leftRows: string
  leftHash: string
  rightRows: string
  rightHash: string
}

/**
 * Where the numbers of rows differ already, the two are joined at once and their states fall out of it: each row is hashed once instead
 * of twice. Undefined where they do not: most tables are equal then, and states are enough.
 */
async function joinedAtOnce(tx: ReadTx<'registry'>, pair: TablePair, { left, right }: Sources) {
  if (!pair.isSame || pair.key.length === 0) return undefined
  const same = await tx.row<{ isSame: boolean }>({
    text: `select (select count(*) from ${left}) = (select count(*) from ${right}) as "isSame"`,
  })
  if (same?.isSame !== false) return undefined
  const row = await tx.row<Joined>({ text: fullJoinSql(pair, { left, right }) })
  if (row === undefined) return undefined
  const { leftRows, leftHash, rightRows, rightHash, ...counts } = row
  return { left: { rows: leftRows, hash: leftHash }, right: { rows: rightRows, hash: rightHash }, counts }
}

async function countDifferences(
  tx: ReadTx<'registry'>,
  { pair, sources, rightRows }: { pair: TablePair; sources: Sources; rightRows: string },
): Promise<Counts> {
  const rows = BigInt(rightRows).toString()
  const found = await tx.row<Counts>({
    text: pair.key.length > 0 ? keyedSql(pair, sources, rows) : keylessSql(pair, sources),
  })
  return found ?? NONE
}

interface Sources {
  left: string
  right: string
}

const hashedSql = (pair: TablePair, source: string): string =>
  `(select ${pair.key.map(({ name }) => quoteIdentifier(name)).join(', ')}, ${rowHash(pair.common, 't')} as "#h" from ${source} t)`

const fullJoinSql = (pair: TablePair, { left, right }: Sources): string => `
  select count(l."#h")::text as "leftRows", coalesce(sum(l."#h"), 0)::text as "leftHash",
    count(r."#h")::text as "rightRows", coalesce(sum(r."#h"), 0)::text as "rightHash",
    count(*) filter (where r."#h" is null)::text as "onlyLeft",
    count(*) filter (where l."#h" is null)::text as "onlyRight",
    count(*) filter (where l."#h" <> r."#h")::text as changed
  from ${hashedSql(pair, left)} l full join ${hashedSql(pair, right)} r on ${joinOn(pair.key, 'l', 'r')}`

/**
 * The right side's hashes are made where it is scanned: a table in memory holds only them and the keys, however wide its rows are. What
 * the left side has is joined to it by several workers of the server; a full join could only be done by one before PostgreSQL 16.
 */
function keyedSql(pair: TablePair, { left, right }: Sources, rightRows: string): string {
  return `select count(*) filter (where r."#h" is null)::text as "onlyLeft",
      (${rightRows} - count(r."#h"))::text as "onlyRight",
      count(*) filter (where l."#h" <> r."#h")::text as changed
    from ${hashedSql(pair, left)} l left join ${hashedSql(pair, right)} r on ${joinOn(pair.key, 'l', 'r')}`
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
