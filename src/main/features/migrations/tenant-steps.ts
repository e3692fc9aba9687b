import { AppError } from '#shared/errors.ts'
import type { DbSession, WriteTx } from '../../connections/postgres/database.ts'
import { quoteIdentifier, quoteQualified } from '../../connections/postgres/identifier.ts'
import { statementTexts } from './directives.ts'
import type { Candidate, RunOptions } from './fleet-run.model.ts'
import * as repository from './fleet-run.repository.ts'
import { Cursor } from './lint-statement.ts'
import { type Applied, recordTenant } from './migration.repository.ts'
import type { FleetMigration } from './migration-files.ts'
import { tokenize } from './sql-tokens.ts'

export interface TenantWork {
  session: DbSession<'registry'>
  candidate: Candidate
  options: RunOptions
  who: string
  /** Called before each migration: what fails next is this one. */
  begins: (migration: FleetMigration) => void
  /** Called once migrations are committed. */
  applied: (versions: number[]) => void
  note: (text: string) => void
}

/** Migrations that share a transaction, or one that needs none or many. */
export function splitIntoSteps(pending: readonly FleetMigration[]): FleetMigration[][] {
  const steps: FleetMigration[][] = []
  let isOpen = false
  for (const migration of pending) {
    const isSharing = isShared([migration])
    if (isSharing && isOpen) steps.at(-1)?.push(migration)
    else steps.push([migration])
    isOpen = isSharing
  }
  return steps
}

/** Whether a step runs in one transaction. */
export const isShared = (step: readonly FleetMigration[] | undefined): boolean =>
  step?.[0] !== undefined && !step[0].directives.isWithoutTransaction && step[0].directives.batchRows === null

export async function runStep(work: TenantWork, step: readonly FleetMigration[]): Promise<void> {
  const [first] = step
  if (first === undefined) return
  if (first.directives.isWithoutTransaction) await runOutside(work, first)
  else if (first.directives.batchRows !== null) await runBatches(work, first, first.directives.batchRows)
  else await runTogether(work, step)
}

const limitsOf = (work: TenantWork, { directives }: FleetMigration) => ({
  lockTimeoutMs: directives.lockTimeoutMs ?? work.options.lockTimeoutMs,
  statementTimeoutMs: directives.statementTimeoutMs ?? work.options.statementTimeoutMs,
})

const targetOf = ({ candidate, who }: TenantWork) => ({ tenantId: candidate.id, schema: candidate.schema, who })

async function runTogether(work: TenantWork, step: readonly FleetMigration[]): Promise<void> {
  await work.session.write(tx => applyTogether(tx, work, step))
  work.applied(step.map(one => one.version))
}

/** DDL and both ledgers in the caller's transaction: all of it is there, or nothing. */
export async function applyTogether(
  tx: WriteTx<'registry'>,
  work: TenantWork,
  step: readonly FleetMigration[],
): Promise<void> {
  const applied: Applied[] = []
  await tx.inSchema('tenant', work.candidate.schema, async tenant => {
    for (const migration of step) {
      work.begins(migration)
      const started = performance.now()
      await tenant.script(`${limits(limitsOf(work, migration))};\n${migration.up}`)
      applied.push({ migration, durationMs: elapsed(started) })
    }
  })
  await recordTenant(tx, targetOf(work), applied)
}

/** In the same round trip as the migration itself. */
const limits = ({ lockTimeoutMs, statementTimeoutMs }: ReturnType<typeof limitsOf>): string =>
  `set local lock_timeout to ${lockTimeoutMs}; set local statement_timeout to ${statementTimeoutMs}`

/** Chunk by chunk, each committed: what an interrupted run did stays done, and the statement finds what is left. */
async function runBatches(work: TenantWork, migration: FleetMigration, rows: number): Promise<void> {
  work.begins(migration)
  const started = performance.now()
  await markRunning(work, migration)
  const [text = ''] = statementTexts(migration.up)
  for (;;) {
    const changed = await work.session.write(
      async tx => await tx.inSchema('tenant', work.candidate.schema, tenant => tenant.run({ text, values: [rows] })),
      limitsOf(work, migration),
    )
    if (changed === 0) break
  }
  await finish(work, migration, started)
}

/** Recorded as running first: whoever comes after an interruption knows that parts of it may be there. */
async function runOutside(work: TenantWork, migration: FleetMigration): Promise<void> {
  work.begins(migration)
  const started = performance.now()
  const isResumed = await work.session.read(tx => repository.wasInterrupted(tx, work.candidate.id, migration.version))
  await markRunning(work, migration)
  await withSessionSettings(work, migration, async () => {
    for (const text of statementTexts(migration.up)) {
      if (isResumed && (await isBuiltAlready(work, text))) continue
      await work.session.connection.query(text)
    }
  })
  await finish(work, migration, started)
}

const markRunning = async ({ session, candidate, who }: TenantWork, migration: FleetMigration): Promise<void> =>
  await session.write(tx => repository.mark(tx, { tenantId: candidate.id, migration, state: 'running', who }))

async function finish(work: TenantWork, migration: FleetMigration, started: number): Promise<void> {
  await work.session.write(tx => recordTenant(tx, targetOf(work), [{ migration, durationMs: elapsed(started) }]))
  work.applied([migration.version])
}

/**
 * Outside a transaction there is no SET LOCAL. The settings are taken back before the connection does anything else; where that fails,
 * the connection counts as lost and the pool ends it.
 */
async function withSessionSettings(
  work: TenantWork,
  migration: FleetMigration,
  run: () => Promise<void>,
): Promise<void> {
  const { connection } = work.session
  const { lockTimeoutMs, statementTimeoutMs } = limitsOf(work, migration)
  const extensions = await connection.query<{ schema: string }>(
    `select n.nspname as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'citext'`,
  )
  const path = [work.candidate.schema, ...extensions.rows.map(row => row.schema)].map(quoteIdentifier).join(', ')
  try {
    await connection.query(
      `set search_path to ${path}; set lock_timeout to ${lockTimeoutMs}; set statement_timeout to ${statementTimeoutMs}`,
    )
    await run()
  } finally {
    await connection.query('reset search_path; reset lock_timeout; reset statement_timeout').catch((cause: unknown) => {
      throw new AppError('CONNECTION_FAILED', 'The connection to PostgreSQL was lost.', { retryable: true, cause })
    })
  }
}

/** An invalid index that an interrupted build left behind is dropped and named; a whole one need not be built again. */
async function isBuiltAlready(work: TenantWork, text: string): Promise<boolean> {
  const index = concurrentIndex(text)
  if (index === null) return false
  const { connection } = work.session
  const { schema } = work.candidate
  const state = await repository.indexState(connection, schema, index)
  if (state === 'invalid') {
    await connection.query(`drop index concurrently ${quoteQualified(schema, index)}`)
    work.note(`The invalid index ${index}, left behind by an interrupted run, was rebuilt.`)
  }
  if (state === 'valid') work.note(`The index ${index} was there already and was kept.`)
  return state === 'valid'
}

/** The name of the index that a statement builds concurrently; null for other statements, and where the server chooses the name. */
export function concurrentIndex(text: string): string | null {
  const cursor = new Cursor(tokenize(text).filter(token => token.kind !== 'comment'))
  if (!cursor.takes('create')) return null
  cursor.takes('unique')
  if (!cursor.takes('index', 'concurrently')) return null
  cursor.takes('if', 'not', 'exists')
  return cursor.takes('on') ? null : cursor.name()
}

const elapsed = (started: number): number => Math.round(performance.now() - started)
