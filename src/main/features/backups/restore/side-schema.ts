import { z } from 'zod'
import { AppError } from '#shared/errors.ts'
import type { DbSession, WriteDb, WriteTx } from '../../../connections/postgres/database.ts'
import { toAppError } from '../../../connections/postgres/errors.ts'
import { quoteIdentifier, quoteQualified } from '../../../connections/postgres/identifier.ts'
import { findSchema } from '../archive/catalog.ts'
import { readDefinitions } from '../archive/fingerprint.ts'
import { type ArchivedTable, damaged } from '../archive/manifest.ts'
import type { Archive } from '../archive/reader.ts'
import { emptyTables, inSide, LATER_DURABLE, loadTable, type ReadBack, readBack, type Side } from './side-load.ts'
import { type LaterForeignKey, readSideObjects, type SideObjects } from './side-objects.ts'
import { runTasks, type Task } from './task-pool.ts'

export interface SideProgress {
  phase: 'load' | 'verify'
  /** Bytes of COPY text. */
  done: number
  total: number
  table: string
}

export interface SideRequest {
  db: WriteDb
  /** Idle meanwhile but for cancelling others. */
  session: DbSession<'registry'>
  signal: AbortSignal
  archive: Archive
  /** Name of the schema, which must not exist. */
  schema: string
  /** Connections that load at once; one more reads back while indexes are built. */
  workers?: number
  /** Runs a named step of a job. */
  step: <T>(name: string, work: () => Promise<T>) => Promise<T>
  onProgress?: (progress: SideProgress) => void
  /** As in `Side`: for copies with masked data, whose text is then not the archive's any more. */
  transform?: Side['transform']
}

export interface BuiltSide {
  /** In the manifest's order. */
  tables: ReadBack[]
  fingerprint: string
  serverMajor: number
}

const WORKERS = 2
/** Indexes of smaller tables are kept while they are loaded: building them again costs more than it saves. */
const LARGE_BYTES = 4 * 1024 * 1024
/** Each of the index builds may take this much; PostgreSQL shares it among the workers of one. */
const BUILD_MEMORY = `set local maintenance_work_mem to '256MB'`

/**
 * Builds a schema from an archive beside everything else and reads it back. What fails leaves the schema behind: whoever asked for it
 * drops it. Every byte that is loaded is checked against the manifest twice: as it comes from the store, and as the table gives it back.
 */
export async function buildSide(request: SideRequest): Promise<BuiltSide> {
  const { archive, step } = request
  const objects = await step('Build the side schema', () => createSide(request))
  await step('Load', () => loadAll(request))
  const tables = await finishTables(request, objects)
  const { fingerprint, serverMajor } = await step('Switch constraints and triggers on', () => finish(request, objects))
  const byName = new Map(tables.map(table => [table.table, table]))
  return { tables: archive.manifest.tables.flatMap(({ name }) => byName.get(name) ?? []), fingerprint, serverMajor }
}

/** Definitions come from the archive, so they run on a connection of their own that is left as it was found. */
async function createSide({ db, archive, schema, signal }: SideRequest): Promise<SideObjects> {
  const definitions = await archive.schemaSql(signal)
  const { tables, sequences } = archive.manifest
  return await db.session(async session => {
    try {
      return await session.write(
        async tx => {
          await tx.script(`${LATER_DURABLE}; create schema ${quoteIdentifier(schema)}`)
          const before = await transactionOf(tx)
          await tx.inSchema('tenant', schema, side => side.script(definitions))
          if ((await transactionOf(tx)) !== before) throw leftTransaction()
          return await tx.inSchema('tenant', schema, async side => {
            const oid = await findSchema(side.connection, schema)
            await requireTables(side, tables)
            const large = tables.filter(table => table.bytes >= LARGE_BYTES).map(table => table.name)
            const objects = await readSideObjects(side, oid ?? 0, large)
            if (objects.before.length > 0) await side.script(objects.before.join(';\n'))
            await emptyTables(side, tables)
            for (const { name, lastValue, isCalled } of sequences) {
              const values = [quoteQualified(schema, name), lastValue, isCalled]
              await side.row({ text: 'select setval($1::regclass, $2::bigint, $3::boolean)', values })
            }
            return objects
          })
        },
        { statementTimeoutMs: 0 },
      )
    } finally {
      await session.connection.query('discard all').catch(() => undefined)
    }
  })
}

/** Who edits a manifest can compute its hash anew, but not without the definitions: a table that it leaves out would come back empty. */
async function requireTables(side: WriteTx<'tenant'>, tables: readonly ArchivedTable[]): Promise<void> {
  const made = await side.rows<{ name: string }>({
    text: `select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relkind = 'r'`,
    values: [side.schema],
  })
  const names = new Set(made.map(({ name }) => name))
  const lacking = tables.find(table => !names.has(table.name))
  if (lacking !== undefined) throw damaged(`its definitions do not make the table "${lacking.name}"`)
  const known = new Set(tables.map(table => table.name))
  const unknown = made.find(({ name }) => !known.has(name))
  if (unknown !== undefined) throw damaged(`its manifest does not know the table "${unknown.name}" of its definitions`)
}

const transactionOf = async (tx: { row<R extends object>(query: { text: string }): Promise<R | undefined> }) =>
  (await tx.row<{ id: string }>({ text: 'select pg_current_xact_id()::text as id' }))?.id

const leftTransaction = (): AppError =>
  new AppError(
    'CONFLICT',
    'The definitions of the archive end the transaction they run in; they are not such as backups write.',
    {
      hint: 'Use another archive. Drop by hand what these definitions may have made.',
    },
  )

const pool = ({ db, session, workers = WORKERS }: SideRequest) => ({
  db,
  workers,
  cancel: async (pids: readonly number[]) => {
    await session.connection.query('select pg_cancel_backend(pid) from unnest($1::int[]) as pid', [pids])
  },
})

/** Adds bytes up for one phase. */
function counter(
  request: SideRequest,
  phase: SideProgress['phase'],
): (table: ArchivedTable) => (bytes: number) => void {
  let done = 0
  const total = request.archive.manifest.bytes
  return table => bytes => {
    done += bytes
    request.onProgress?.({ phase, done, total, table: table.name })
  }
}

const NO_TABLES = { shared: [], exclusive: [], after: [] }

async function loadAll(request: SideRequest): Promise<void> {
  const { archive, schema, signal } = request
  const count = counter(request, 'load')
  const own = new AbortController()
  const side = { schema, archive, signal: AbortSignal.any([signal, own.signal]), transform: request.transform }
  const tasks = archive.manifest.tables
    .filter(table => table.object !== null)
    .map(
      (table): Task => ({
        ...NO_TABLES,
        weight: table.bytes,
        run: session => loadTable(session, side, { table, onBytes: count(table) }),
      }),
    )
  const { cancel, ...rest } = pool(request)
  const stop = async (pids: readonly number[]) => {
    own.abort()
    await cancel(pids)
  }
  await runTasks({ ...rest, cancel: stop }, tasks)
}

/** Index builds, foreign keys, statistics; and beside them every table is read back, which no lock of theirs keeps from reading. */
async function finishTables(request: SideRequest, objects: SideObjects): Promise<ReadBack[]> {
  const { archive, schema, step } = request
  const bytes = new Map(archive.manifest.tables.map(table => [table.name, table.bytes]))
  const building = buildTasks(schema, objects, bytes)
  const count = counter(request, 'verify')
  const found: ReadBack[] = []
  const reading = archive.manifest.tables.map(
    (table): Task => ({
      ...NO_TABLES,
      // Reading is one task while the indexes of a table are several: it begins first.
      weight: table.bytes * 2,
      run: async session => {
        found.push(await readBack(session, schema, { table, onBytes: count(table) }))
      },
    }),
  )
  const built = follow(building)
  const read = follow(reading)
  const { workers, ...rest } = pool(request)
  const running = runTasks({ ...rest, workers: workers + 1 }, [...built.tasks, ...read.tasks]).catch(
    (error: unknown) => {
      built.fail(error)
      read.fail(error)
      throw error
    },
  )
  const ended = await Promise.allSettled([
    running,
    step('Build indexes and constraints', () => built.done),
    step('Verify', () => read.done),
  ])
  // Whatever ended the steps: when this answers, nobody goes on working in the schema.
  for (const one of ended) if (one.status === 'rejected') throw one.reason
  return found
}

function buildTasks(schema: string, { indexes, foreignKeys }: SideObjects, bytes: ReadonlyMap<string, number>): Task[] {
  const weigh = (table: string) => bytes.get(table) ?? 0
  const script = (sql: string) => (session: DbSession<'registry'>) =>
    inSide(session, schema, tx => tx.script(`${LATER_DURABLE}; ${BUILD_MEMORY}; ${sql}`)).catch(asBrokenRule)
  const built = indexes.map(({ sql, table }) => ({
    table,
    task: { weight: weigh(table), shared: [table], exclusive: [], after: [], run: script(sql) } satisfies Task,
  }))
  const of = (...tables: string[]) => built.filter(({ table }) => tables.includes(table)).map(({ task }) => task)
  const keys = foreignKeys.map(
    ({ sql, table, parent }: LaterForeignKey): Task => ({
      weight: weigh(table) / 2,
      shared: [],
      exclusive: [...new Set([table, parent])],
      after: of(table, parent),
      run: script(sql),
    }),
  )
  const statistics = [...bytes.keys()].map(
    (table): Task => ({
      weight: weigh(table) / 4,
      shared: [],
      exclusive: [table],
      after: of(table),
      run: script(`analyze ${quoteQualified(schema, table)}`),
    }),
  )
  return [...built.map(({ task }) => task), ...keys, ...statistics]
}

const SqlFailure = z.object({ sqlState: z.string(), constraint: z.string().optional(), table: z.string().optional() })

/** The database's rules hold for archived rows too: a tenant whose own rows broke one (added without checking) is told so. */
function asBrokenRule(error: unknown): never {
  const failure = toAppError(error)
  const { sqlState = '', constraint, table } = SqlFailure.safeParse(failure.details).data ?? {}
  if (!sqlState.startsWith('23')) throw failure
  const where = table === undefined ? 'The archived rows' : `The archived rows of ${table}`
  throw new AppError('CONFLICT', `${where} break the rule ${constraint ?? 'of an index'}. Live was not touched.`, {
    hint: 'They broke it when they were archived. Use another archive, or bring chosen rows back instead.',
    details: failure.details,
    cause: failure.cause,
  })
}

/** The same tasks, and a promise that is kept when all of them have ended. */
function follow(tasks: readonly Task[]): {
  tasks: readonly Task[]
  done: Promise<void>
  fail: (error: unknown) => void
} {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  promise.catch(() => undefined)
  let left = tasks.length
  if (left === 0) resolve()
  for (const task of tasks) {
    const { run } = task
    task.run = async session => {
      await run(session)
      left -= 1
      if (left === 0) resolve()
    }
  }
  return { tasks, done: promise, fail: reject }
}

async function finish(
  { session, schema }: SideRequest,
  { after }: SideObjects,
): Promise<{ fingerprint: string; serverMajor: number }> {
  return await inSide(session, schema, async tx => {
    if (after.length > 0) await tx.script(`${BUILD_MEMORY}; ${after.join(';\n')}`).catch(asBrokenRule)
    return await readSideFingerprint(tx, schema)
  })
}

/** Under a search path that begins with the schema: names in definitions are written against it. */
async function readSideFingerprint(
  {
    connection,
    row,
  }: {
    connection: DbSession<'registry'>['connection']
    row<R extends object>(query: { text: string }): Promise<R | undefined>
  },
  schema: string,
): Promise<{ fingerprint: string; serverMajor: number }> {
  const oid = await findSchema(connection, schema)
  const { fingerprint } = await readDefinitions(connection, oid ?? 0)
  const server = await row<{ major: number }>({
    text: `select current_setting('server_version_num')::int / 10000 as major`,
  })
  return { fingerprint, serverMajor: server?.major ?? 0 }
}
