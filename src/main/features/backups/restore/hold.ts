import { AppError } from '#shared/errors.ts'
import type { DbSession, ReadTx, WriteTx } from '../../../connections/postgres/database.ts'
import { toAppError } from '../../../connections/postgres/errors.ts'
import { quoteIdentifier, quoteQualified } from '../../../connections/postgres/identifier.ts'

/** Name of the function and of the triggers that refuse writes. */
export const HOLD_NAME = 'tenantry_hold'

const HOLD = quoteIdentifier(HOLD_NAME)
const RELEASE_ATTEMPTS = 5
/** Whoever begins to read meanwhile waits behind it. */
const RELEASE_LOCK_TIMEOUT_MS = 300

/** Every table of the schema that can be written to, parts of partitioned ones too. */
async function writableTables(tx: ReadTx<'registry'>, schema: string): Promise<string[]> {
  const found = await tx.rows<{ name: string }>({
    text: `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where n.nspname = $1 and c.relkind in ('r', 'p') order by c.relname collate "C"`,
    values: [schema],
  })
  return found.map(row => row.name)
}

export type LockMode = 'SHARE' | 'SHARE ROW EXCLUSIVE' | 'ACCESS EXCLUSIVE'

/**
 * Locks every table of a schema until the transaction ends; each lock waits for the transaction's lock_timeout. Tables made while it
 * waited are locked too.
 */
export async function lockTables(tx: WriteTx<'registry'>, schema: string, mode: LockMode): Promise<void> {
  const locked = new Set<string>()
  for (;;) {
    const missing = (await writableTables(tx, schema)).filter(table => !locked.has(table))
    if (missing.length === 0) return
    // ONLY: parts are named themselves, and a part in another schema is not ours to lock.
    const names = missing.map(table => `only ${quoteQualified(schema, table)}`).join(', ')
    await tx.script(`lock table ${names} in ${mode} mode`)
    for (const table of missing) locked.add(table)
  }
}

/**
 * Refuses writes to a schema until a moment on the server's clock: triggers check it, so that what a dead console left refuses nothing
 * after that. Waits for transactions that have written already; that time counts, because writers wait as well. Resolves to the deadline
 * (ISO 8601).
 */
export async function refuseWrites(tx: WriteTx<'registry'>, schema: string, seconds: number): Promise<string> {
  await lockTables(tx, schema, 'SHARE ROW EXCLUSIVE')
  const found = await tx.row<{ deadline: string }>({
    text: `select to_char(now() + $1::int * interval '1 second', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as deadline`,
    values: [Math.trunc(seconds)],
  })
  const deadline = found?.deadline ?? ''
  const tables = await writableTables(tx, schema)
  await tx.script(`drop function if exists ${quoteIdentifier(schema)}.${HOLD}() cascade;
    ${holdFunction(schema, refusal(deadline))};
    ${tables.map(table => refuseOn(schema, table)).join('\n')}`)
  return deadline
}

const holdFunction = (schema: string, body: string): string =>
  `create or replace function ${quoteIdentifier(schema)}.${HOLD}() returns trigger language plpgsql as $hold$ ${body} $hold$`

const refusal = (deadline: string): string => `
    begin
      if clock_timestamp() < timestamptz '${deadline}' then
        raise exception 'This tenant is being restored; writes are refused until ${deadline} at the latest'
          using errcode = 'read_only_sql_transaction', hint = 'Try again in a moment.';
      end if;
      return null;
    end`

/** `always`: also sessions that replicate are refused. */
const refuseOn = (schema: string, table: string): string => {
  const name = quoteQualified(schema, table)
  return `create trigger ${HOLD} before insert or update or delete or truncate on ${name}
      for each statement execute function ${quoteIdentifier(schema)}.${HOLD}();
    alter table ${name} enable always trigger ${HOLD};`
}

/** Rejects with TIMEOUT when the deadline of a hold has passed on the server's clock: writes may have happened since. */
export async function requireStillHeld(tx: ReadTx<'registry'>, deadline: string): Promise<void> {
  const found = await tx.row<{ held: boolean }>({
    text: 'select clock_timestamp() < $1::timestamptz as held',
    values: [deadline],
  })
  if (found?.held !== true) throw limitPassed()
}

export const limitPassed = (): AppError =>
  new AppError('TIMEOUT', 'The time for which writers may be held off is over. Nothing was changed.', {
    hint: 'Compare again, then confirm with a longer limit or decide sooner.',
    retryable: true,
    details: { reason: 'hold-limit' },
  })

/** Takes the triggers of a hold away, in the caller's transaction. */
export const dropHold = async (tx: WriteTx<'registry'>, schema: string): Promise<void> =>
  await tx.script(`drop function if exists ${quoteIdentifier(schema)}.${HOLD}() cascade`)

/** Whether the schema has what refuses writes, or did. */
export const hasHold = async (tx: ReadTx<'registry'>, schema: string): Promise<boolean> =>
  (await tx.row({
    text: `select 1 from pg_proc p join pg_namespace n on n.oid = p.pronamespace where n.nspname = $1 and p.proname = $2`,
    values: [schema, HOLD_NAME],
  })) !== undefined

/**
 * Takes a hold away that is not needed any more, also one of a dead console. Nothing is refused from the first moment on; triggers go
 * when nobody uses the tables. Where others do not leave them it rejects, and what is left does nothing.
 */
export async function releaseHold(db: Pick<DbSession<'registry'>, 'write'>, schema: string): Promise<void> {
  const wasHeld = await db.write(async tx => {
    const isHeld = await hasHold(tx, schema)
    // Needs no lock of a table, so nobody can keep it from happening.
    if (isHeld) await tx.script(holdFunction(schema, 'begin return null; end'))
    return isHeld
  })
  if (!wasHeld) return
  for (let attempt = 1; ; attempt++) {
    try {
      await db.write(tx => dropHold(tx, schema), { lockTimeoutMs: RELEASE_LOCK_TIMEOUT_MS })
      return
    } catch (error) {
      const failure = toAppError(error)
      const isBusy = failure.code === 'TIMEOUT' || failure.retryable
      if (!isBusy || attempt === RELEASE_ATTEMPTS) throw error
    }
  }
}
