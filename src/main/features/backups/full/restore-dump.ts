import { randomBytes } from 'node:crypto'
import { AppError } from '#shared/errors.ts'
import { throwIfCancelled } from '../../../connections/deadline.ts'
import { quoteQualified } from '../../../connections/postgres/identifier.ts'
import type { ClientTool } from './client-tools.ts'
import { countRows, type DatabaseFacts, type TableRows } from './database.repository.ts'
import { type DumpSource, feed, fetchDump, unpacked } from './dump-source.ts'
import type { FullDumpJob, FullDumpPhase, FullDumpTarget, RestoreOptions, RestoreReport } from './full-dump.model.ts'
import { scannedScript } from './script-scanner.ts'
import { withSideDatabase } from './side-database.ts'
import type { Sidecar } from './sidecar.ts'
import { type ToolEnvironment, withToolEnvironment } from './tool-environment.ts'
import { outputOf, startTool } from './tool-process.ts'
import { inDatabase, withClient } from './with-client.ts'

const DEFAULT_JOBS = 2
const CONTENTS_LIMIT_BYTES = 256 * 1024 * 1024
/** Locks that the making of one table takes: itself, its toast table, and their indexes. */
const LOCKS_PER_TABLE = 8
/** Each entry of the table of contents is told once by one of these. */
const ENTRY_DONE = /^pg_restore: (creating|processing data for|executing) /

export interface RestoreRun {
  target: FullDumpTarget
  options: RestoreOptions
  sidecar: Sidecar
  tool: ClientTool
  locks: DatabaseFacts['locks']
  job: FullDumpJob
}

export function restoreArguments(run: Pick<RestoreRun, 'options' | 'sidecar' | 'locks'>, jobs: number): string[] {
  const { options, sidecar } = run
  if (sidecar.format === 'custom') {
    return [
      // Empty: libpq takes PGDATABASE then. Without the option pg_restore would print the script instead.
      '--dbname=',
      '--verbose',
      '--exit-on-error',
      '--no-password',
      ...(options.owners === 'none' ? ['--no-owner', '--no-privileges'] : []),
      ...(jobs > 1 ? [`--jobs=${jobs}`] : []),
    ]
  }
  // One transaction holds the locks of everything it makes.
  const isSmall = sidecar.tables.length * LOCKS_PER_TABLE < run.locks.capacity / 2
  return [
    '--no-psqlrc',
    '--quiet',
    '--no-password',
    '--set=ON_ERROR_STOP=1',
    ...(isSmall ? ['--single-transaction'] : []),
    '--file=-',
  ]
}

export const restoreJobs = ({ jobs }: RestoreOptions): number => jobs ?? DEFAULT_JOBS

/** Into a new database; success is said only after the rows of every table were counted against the record. */
export async function restoreDump(run: RestoreRun): Promise<RestoreReport> {
  const began = performance.now()
  const { target, options, sidecar, job } = run
  const side = { connection: target.postgres, target: options.database, locale: sidecar.locale, signal: job.signal }
  await withToolEnvironment(target.postgres, async environment => {
    const source = await fetchDump({
      store: target.store,
      dump: sidecar,
      folder: environment.folder,
      signal: job.signal,
      onBytes: bytes => report(run, 'reading', { bytes }),
    })
    const objects = await checkDump(run, source, environment)
    await withSideDatabase(side, async database => {
      const variables = { ...environment.variables, PGDATABASE: database }
      await load(run, { source, objects, environment: { ...environment, variables } })
      await verifyRows(run, database)
    })
  })
  return {
    key: sidecar.key,
    database: options.database,
    tables: sidecar.tables.length,
    rows: sidecar.rows,
    verifiedAt: new Date().toISOString(),
    durationMs: Math.round(performance.now() - began),
  }
}

function report(
  run: RestoreRun,
  phase: FullDumpPhase,
  done: { bytes?: number; objects?: number; total?: number },
): void {
  run.job.progress?.({
    phase,
    bytes: done.bytes ?? 0,
    totalBytes: run.sidecar.bytes,
    objects: done.objects ?? 0,
    totalObjects: done.total ?? null,
  })
}

/** Before anything is made on the server. Returns the entries of the table of contents; null for a script. */
async function checkDump(run: RestoreRun, source: DumpSource, environment: ToolEnvironment): Promise<number | null> {
  const { signal } = run.job
  if (run.sidecar.format === 'custom') return await countEntries({ source, tool: run.tool, environment, signal })
  await drainScript({ source, plainBytes: run.sidecar.plainBytes, signal }, bytes => report(run, 'checking', { bytes }))
  return null
}

interface Listing {
  source: DumpSource
  tool: ClientTool
  environment: ToolEnvironment
  signal: AbortSignal
}

/** What pg_restore --list finds in a dump of the custom format; it reads no more than the beginning. */
export async function countEntries({ source, tool, environment, signal }: Listing): Promise<number> {
  const command = { program: tool.path, args: ['--list'], environment, signal }
  const list = await outputOf(command, CONTENTS_LIMIT_BYTES, source.read())
  return list.split('\n').filter(line => line !== '' && !line.startsWith(';')).length
}

/** Reads a script whole: it unpacks to what its record says and holds no command for psql. */
export async function drainScript(
  script: { source: DumpSource; plainBytes: number | null; signal: AbortSignal },
  onBytes?: (bytes: number) => void,
): Promise<void> {
  for await (const _ of scriptOf(script.source, script.plainBytes, onBytes)) throwIfCancelled(script.signal)
}

const scriptOf = (source: DumpSource, plainBytes: number | null, onBytes?: (bytes: number) => void) =>
  scannedScript(unpacked(source.read(onBytes), plainBytes ?? 0))

interface Load {
  source: DumpSource
  objects: number | null
  environment: ToolEnvironment
}

async function load(run: RestoreRun, { source, objects, environment }: Load): Promise<void> {
  const { sidecar, tool, job } = run
  const done = { bytes: 0, objects: 0, ...(objects === null ? {} : { total: objects }) }
  const onLine = (line: string) => {
    if (!ENTRY_DONE.test(line)) return
    // Newer versions tell some entries twice.
    done.objects = Math.min(done.objects + 1, objects ?? Number.POSITIVE_INFINITY)
    report(run, 'restoring', done)
  }
  const onBytes = (bytes: number) => {
    done.bytes = bytes
    report(run, 'restoring', done)
  }
  // Several connections read at several places at once, which only a file allows.
  const jobs = sidecar.format === 'custom' && source.path !== null ? restoreJobs(run.options) : 1
  const args = restoreArguments(run, jobs)
  const isFromFile = jobs > 1 && source.path !== null
  const command = { program: tool.path, environment, signal: job.signal, onLine }
  const running = startTool({ ...command, args: isFromFile ? [...args, source.path ?? ''] : args })
  if (isFromFile) await feed(running, nothing())
  else await feed(running, sidecar.format === 'custom' ? source.read(onBytes) : restricted(run, source, onBytes))
  report(run, 'restoring', { ...done, ...(objects === null ? {} : { objects }), bytes: sidecar.bytes })
}

async function* nothing(): AsyncGenerator<Buffer> {}

/** psql itself refuses every command of its own from here on: the key that would lift it is known to nobody. */
async function* restricted(run: RestoreRun, source: DumpSource, onBytes: (bytes: number) => void) {
  yield Buffer.from(`\\restrict ${randomBytes(32).toString('hex')}\n`)
  yield* scriptOf(source, run.sidecar.plainBytes, onBytes)
}

async function verifyRows(run: RestoreRun, database: string): Promise<void> {
  report(run, 'verifying', { bytes: run.sidecar.bytes })
  const counted = await withClient(inDatabase(run.target.postgres, database), run.job.signal, async client => {
    await client.query('begin transaction isolation level repeatable read read only')
    await client.query('set local statement_timeout = 0; set local row_security = off')
    return await countRows(client, run.job.signal)
  })
  const differences = differencesOf(run.sidecar.tables, counted)
  if (differences.length === 0) return
  throw new AppError('CONFLICT', `The restored database differs from the dump in ${differences.length} tables.`, {
    hint: 'The new database was removed. Try again; if it happens again, use another dump.',
    details: { reason: 'rows-differ', differences: differences.slice(0, 20) },
  })
}

interface Difference {
  table: string
  /** null where the table is missing. */
  expected: number | null
  found: number | null
}

function differencesOf(
  expected: readonly TableRows[],
  found: readonly TableRows[],
): { [K in keyof Difference]: Difference[K] }[] {
  const name = ([schema, table]: TableRows) => quoteQualified(schema, table)
  const there = new Map(found.map(table => [name(table), table[2]]))
  const wanted = new Map(expected.map(table => [name(table), table[2]]))
  return [...new Set([...wanted.keys(), ...there.keys()])]
    .map(table => ({ table, expected: wanted.get(table) ?? null, found: there.get(table) ?? null }))
    .filter(difference => difference.expected !== difference.found)
}
