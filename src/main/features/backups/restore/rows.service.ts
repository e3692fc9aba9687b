import type { z } from 'zod'
import type { RowChoice, RowsPlan } from '#shared/contract/restore.model.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { AppError, invalidInput } from '#shared/errors.ts'
import type { ReadDb, ReadTx, WriteTx } from '../../../connections/postgres/database.ts'
import { quoteIdentifier, quoteQualified } from '../../../connections/postgres/identifier.ts'
import { withTenantLock } from '../../tenants/tenant-lock.ts'
import { recordHistory, requireSame } from '../../tenants/tenant-swap.ts'
import { namingHolders } from './holders.ts'
import * as repository from './restore.repository.ts'
import type { Work } from './swap.ts'
import { staleToken } from './swap-errors.ts'
import { tokenOfRows } from './token.ts'

type Choice = z.output<typeof RowChoice>

const LOCK_TIMEOUT_MS = 5_000
const STATEMENT_TIMEOUT_MS = 600_000

interface Column {
  name: string
  type: string
  nullable: boolean
  /** Position in the primary key, from 1; null outside it. */
  keyPosition: number | null
  hasDefault: boolean
}

/** One table in both schemas, as far as rows can be brought from one to the other. */
interface Pair {
  side: string
  live: string
  key: Column[]
  /** Columns that both have, key columns first. */
  columns: Column[]
}

interface Counts {
  insert: string
  overwrite: string
  untouched: string
  /** Sum of hashes of all rows that would be read or written, on both sides. */
  state: string
}

/** Brings chosen rows of a prepared restore back into live, without a swap. */
export class RowsService {
  async plan(
    db: ReadDb<'registry'>,
    tenant: TenantRow,
    request: { restoreId: string; tables: Choice[] },
  ): Promise<RowsPlan> {
    return await db.read(tx => planRows(tx, tenant, request), {
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      isSnapshot: true,
    })
  }

  /**
   * One transaction: all of it or nothing. Foreign keys are checked at its end, so the order of tables does not matter. Rejects with
   * CONFLICT when live or the restored rows are not those of the plan any more, or when a rule of the database refuses a row.
   */
  async restore(
    work: Work,
    tenant: TenantRow,
    request: { restoreId: string; tables: Choice[]; token: string; reason: string | undefined },
  ): Promise<{ tables: { table: string; inserted: string; overwritten: string }[] }> {
    const options = { lockTimeoutMs: LOCK_TIMEOUT_MS, statementTimeoutMs: STATEMENT_TIMEOUT_MS }
    return await work.db.session(session =>
      withTenantLock(session.connection, tenant.id, () =>
        session.write(async tx => {
          await requireSame(tx, tenant)
          await namingHolders(work.db, tenant.databaseSchema, () => lockLive(tx, tenant, request.tables))
          const plan = await planRows(tx, tenant, request)
          if (plan.token !== request.token) throw staleToken()
          const tables = await work.job.step('Write the rows', () => writeRows(tx, tenant, request))
          await recordHistory(tx, {
            who: work.who,
            action: 'tenant.restoreRows',
            tenantId: tenant.id,
            slug: tenant.slug,
            after: { restoreId: request.restoreId, tables },
            reason: request.reason,
          })
          return { tables }
        }, options),
      ),
    )
  }
}

async function planRows(
  tx: ReadTx<'registry'>,
  tenant: TenantRow,
  request: { restoreId: string; tables: Choice[] },
): Promise<RowsPlan> {
  const side = await sideOf(tx, tenant, request.restoreId)
  const tables: RowsPlan['tables'] = []
  const states: string[] = []
  for (const choice of request.tables) {
    const { state, ...counts } = await count(
      tx,
      await pairOf(tx, { side, live: tenant.databaseSchema }, choice),
      choice,
    )
    tables.push({ table: choice.table, ...counts })
    states.push(state)
  }
  const { restoreId } = request
  return { restoreId, token: tokenOfRows({ restoreId, tenantId: tenant.id, choices: request.tables, states }), tables }
}

async function sideOf(tx: ReadTx<'registry'>, tenant: TenantRow, restoreId: string): Promise<string> {
  const row = await repository.findRestore(tx, restoreId)
  if (row === undefined || row.tenantId !== tenant.id) throw repository.noSuchRestore()
  if (row.state === 'ready' && row.sideSchema !== null && row.hasSideSchema) return row.sideSchema
  throw new AppError('CONFLICT', `This restore is ${row.state}; rows come from one that stands ready beside live.`, {
    hint: 'Restore the archive beside live first.',
  })
}

async function pairOf(tx: ReadTx<'registry'>, schemas: { side: string; live: string }, choice: Choice): Promise<Pair> {
  const [side, live] = [await tableOf(tx, schemas.side, choice), await tableOf(tx, schemas.live, choice)]
  const key = live.columns.filter(isKey).sort((a, b) => (a.keyPosition ?? 0) - (b.keyPosition ?? 0))
  const names = new Set(side.columns.map(column => column.name))
  if (key.length === 0 || !key.every(column => names.has(column.name))) {
    throw new AppError('UNSUPPORTED', `The table ${choice.table} has no primary key by which rows could be matched.`)
  }
  const lacking = live.columns.find(column => !names.has(column.name) && !column.nullable && !column.hasDefault)
  if (lacking !== undefined) {
    throw new AppError(
      'UNSUPPORTED',
      `The archive lacks the column ${lacking.name} of ${choice.table}, which live needs.`,
      {
        hint: 'Restore the archive migrated forward, then bring its rows back.',
      },
    )
  }
  if (choice.keys?.some(values => values.length !== key.length) === true) {
    throw invalidInput({ tables: `The primary key of ${choice.table} has ${key.length} columns` })
  }
  const rest = live.columns.filter(column => names.has(column.name) && !isKey(column))
  return {
    side: quoteQualified(schemas.side, choice.table),
    live: quoteQualified(schemas.live, choice.table),
    key,
    columns: [...key, ...rest],
  }
}

const isKey = (column: Column): boolean => column.keyPosition !== null

/** Columns that can be written; generated ones compute themselves. Rejects with NOT_FOUND when there is no such table. */
async function tableOf(tx: ReadTx<'registry'>, schema: string, { table }: Choice): Promise<{ columns: Column[] }> {
  const columns = await tx.rows<Column>({
    text: `select a.attname as name, format_type(a.atttypid, a.atttypmod) as type, not a.attnotnull as nullable,
        array_position(k.conkey, a.attnum) as "keyPosition", a.atthasdef or a.attidentity <> '' as "hasDefault"
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped and a.attgenerated = ''
      left join pg_constraint k on k.conrelid = c.oid and k.contype = 'p'
      where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p') order by a.attnum`,
    values: [schema, table],
  })
  if (columns.length === 0) throw new AppError('NOT_FOUND', `There is no table ${table} on both sides.`)
  return { columns }
}

const matches = ({ key }: Pair): string =>
  key.map(({ name }) => `s.${quoteIdentifier(name)} = l.${quoteIdentifier(name)}`).join(' and ')

/** Compared as text: some types know no equality, and 1.0 is not 1.00 for a person who looks. */
const differs = ({ columns }: Pair): string =>
  columns
    .map(({ name }) => `s.${quoteIdentifier(name)}::text is distinct from l.${quoteIdentifier(name)}::text`)
    .join(' or ')

/** Limits the side's rows to the chosen keys; binds them as one array per key column. */
function chosen({ key }: Pair, { keys }: Choice): { where: string; values: unknown[] } {
  if (keys === undefined) return { where: 'true', values: [] }
  const values = key.map((_, index) => keys.map(row => row[index] ?? ''))
  const arrays = key.map(({ type }, index) => `$${index + 1}::text[]::${type}[]`).join(', ')
  const names = key.map(({ name }) => `s.${quoteIdentifier(name)}`).join(', ')
  return { where: `(${names}) in (select * from unnest(${arrays}))`, values }
}

async function count(tx: ReadTx<'registry'>, pair: Pair, choice: Choice): Promise<Counts> {
  const { where, values } = chosen(pair, choice)
  const [first] = pair.key
  const isMissing = `l.${quoteIdentifier(first?.name ?? '')} is null`
  const differing = `(not (${isMissing}) and (${differs(pair)}))`
  const [overwrite, untouched] = choice.mode === 'overwrite' ? [differing, 'false'] : ['false', differing]
  const found = await tx.row<Counts>({
    text: `select count(*) filter (where ${isMissing})::text as insert, count(*) filter (where ${overwrite})::text as overwrite,
        count(*) filter (where ${untouched})::text as untouched,
        coalesce(sum(hashtextextended(s::text, 0)::numeric + coalesce(hashtextextended(l::text, 1), 0)::numeric), 0)::text as state
      from ${pair.side} s left join ${pair.live} l on ${matches(pair)} where ${where}`,
    values,
  })
  return found ?? { insert: '0', overwrite: '0', untouched: '0', state: '0' }
}

/** Writers wait from here until the transaction ends, so that what was planned is what is written. */
async function lockLive(tx: WriteTx<'registry'>, tenant: TenantRow, tables: readonly Choice[]): Promise<void> {
  for (const name of [...new Set(tables.map(choice => choice.table))].sort()) {
    const schema = tenant.databaseSchema
    const found = await tx.row({
      text: 'select 1 from pg_tables where schemaname = $1 and tablename = $2',
      values: [schema, name],
    })
    if (found === undefined) throw new AppError('NOT_FOUND', `Live has no table ${name} (any more).`)
    await tx.script(`lock table ${quoteQualified(schema, name)} in share row exclusive mode`)
  }
}

async function writeRows(
  tx: WriteTx<'registry'>,
  tenant: TenantRow,
  request: { restoreId: string; tables: Choice[] },
): Promise<{ table: string; inserted: string; overwritten: string }[]> {
  const side = await sideOf(tx, tenant, request.restoreId)
  await tx.script('set constraints all deferred')
  const done: { table: string; inserted: string; overwritten: string }[] = []
  for (const choice of request.tables) {
    const pair = await pairOf(tx, { side, live: tenant.databaseSchema }, choice)
    const overwritten = choice.mode === 'overwrite' ? await overwrite(tx, pair, choice) : 0
    const inserted = await insert(tx, pair, choice)
    done.push({ table: choice.table, inserted: String(inserted), overwritten: String(overwritten) })
  }
  // Refused rows are refused here, not at COMMIT, where nothing could be said about them.
  await tx.script('set constraints all immediate')
  return done
}

async function insert(tx: WriteTx<'registry'>, pair: Pair, choice: Choice): Promise<number> {
  const { where, values } = chosen(pair, choice)
  const columns = pair.columns.map(({ name }) => quoteIdentifier(name))
  return await tx.run({
    text: `insert into ${pair.live} (${columns.join(', ')}) overriding system value
      select ${columns.map(name => `s.${name}`).join(', ')} from ${pair.side} s
      where ${where} and not exists (select 1 from ${pair.live} l where ${matches(pair)})`,
    values,
  })
}

async function overwrite(tx: WriteTx<'registry'>, pair: Pair, choice: Choice): Promise<number> {
  const { where, values } = chosen(pair, choice)
  const columns = pair.columns.filter(column => !isKey(column)).map(({ name }) => quoteIdentifier(name))
  if (columns.length === 0) return 0
  return await tx.run({
    text: `update ${pair.live} l set ${columns.map(name => `${name} = s.${name}`).join(', ')}
      from ${pair.side} s where ${matches(pair)} and (${differs(pair)}) and ${where}`,
    values,
  })
}
