import { createHash } from 'node:crypto'
import { AppError } from '#shared/errors.ts'
import type { Json } from '#shared/json.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { cancelled, throwIfCancelled } from '../../../connections/deadline.ts'
import { toAppError } from '../../../connections/postgres/errors.ts'
import type { Connection } from '../../../connections/postgres/pool.ts'
import type { SchemaScript } from './definitions.ts'
import { archivePrefix, MANIFEST_NAME, SCHEMA_NAME, stampOf } from './layout.ts'
import { type ArchivedTable, FORMAT_VERSION, type Manifest, seal } from './manifest.ts'
import { closeSnapshot, openSnapshot, type Snapshot } from './snapshot.ts'
import { ArchiveObjects } from './writer-objects.ts'
import { writeTables } from './writer-tables.ts'

export interface ArchiveProgress {
  /** The table that was read last. */
  table: string
  tables: { done: number; total: number }
  rows: number
  /** Bytes of COPY text. */
  bytes: number
  /** What `bytes` may come to, from the sizes on the disk. */
  estimatedBytes: number
}

export interface ArchiveRequest {
  store: BackupStore
  /** Lends a connection outside any transaction. */
  session: <T>(work: (connection: Connection) => Promise<T>) => Promise<T>
  signal: AbortSignal
  tenant: Manifest['tenant']
  environment: Manifest['environment']
  /** Version of this console. */
  writtenBy: string
  scriptFor: (connection: Connection, snapshot: Snapshot) => Promise<SchemaScript>
  /** Connections that read a tenant of 64 MB or more. */
  workers?: number | undefined
  /** Milliseconds to wait for a table that somebody holds locked. */
  lockTimeoutMs?: number | undefined
  onProgress?: ((progress: ArchiveProgress) => void) | undefined
  /** Enters the archive, whole by now, where it is looked up. */
  record: (archive: WrittenArchive) => Promise<void>
}

export interface WrittenArchive {
  prefix: string
  manifest: Manifest
  drift: string | null
}

/**
 * Writes one tenant's archive, from one snapshot, the manifest last. The connection is given and outside any transaction; the caller
 * holds the lock on backups of this tenant. When it fails or is cancelled nothing of it stays in the store.
 */
export async function writeArchive(connection: Connection, request: ArchiveRequest): Promise<WrittenArchive> {
  const startedAt = new Date()
  const prefix = await freePrefix(request, startedAt)
  const own = new AbortController()
  const signal = AbortSignal.any([request.signal, own.signal])
  const objects = new ArchiveObjects(request.store, prefix, signal)
  try {
    const written = await writeParts(connection, { ...request, signal }, objects)
    const manifest = sealed(request, startedAt, written)
    throwIfCancelled(request.signal)
    await objects.bytes(MANIFEST_NAME, Buffer.from(JSON.stringify(manifest)))
    await objects.settle()
    const archive = { prefix, manifest, drift: written.script.drift }
    throwIfCancelled(request.signal)
    await recorded(request, archive)
    return archive
  } catch (error) {
    if (error instanceof NotRecorded) throw error.failure
    own.abort()
    throw await cleanedUp(objects, request.signal.aborted ? cancelled(error) : toAppError(error), prefix)
  }
}

/** The archive is good and stays, although this failed. */
class NotRecorded extends Error {
  readonly failure: AppError
  constructor(failure: AppError) {
    super(failure.message)
    this.failure = failure
  }
}

/** An archive that cannot be entered is still one; who cancelled wants none. */
async function recorded(request: ArchiveRequest, archive: WrittenArchive): Promise<void> {
  try {
    await request.record(archive)
  } catch (error) {
    if (request.signal.aborted) throw error
    const failure = toAppError(error)
    throw new NotRecorded(
      new AppError(
        failure.code,
        `The archive is whole, but could not be entered into the registry. ${failure.message}`,
        {
          hint: 'It is in the list of archives: the backup store has the last word. Its entry in the history is missing.',
          details: { ...detailsOf(failure), archive: archive.prefix },
          retryable: failure.retryable,
          cause: failure.cause,
        },
      ),
    )
  }
}

const detailsOf = (error: AppError) => error.details as Record<string, Json> | undefined

/** Stamps count seconds: a second archive of the same tenant in one second waits for the next. */
async function freePrefix({ store, tenant, signal }: ArchiveRequest, startedAt: Date): Promise<string> {
  for (let at = startedAt; ; at = new Date()) {
    const prefix = archivePrefix(tenant.databaseSchema, stampOf(at))
    const { objects } = await store.list({ prefix, limit: 1 }, signal)
    if (objects.length === 0) return prefix
    const { promise, resolve } = Promise.withResolvers<void>()
    setTimeout(resolve, 1_000 - (at.getTime() % 1_000))
    await promise
    throwIfCancelled(signal)
  }
}

async function cleanedUp(objects: ArchiveObjects, failure: AppError, prefix: string): Promise<AppError> {
  try {
    await objects.remove()
    return failure
  } catch (error) {
    return new AppError(failure.code, failure.message, {
      hint: `${failure.hint ?? 'Try again.'} What was stored already could not be removed: delete the incomplete archive ${prefix}.`,
      details: { ...detailsOf(failure), leftover: prefix },
      retryable: failure.retryable,
      cause: failure.cause ?? error,
    })
  }
}

interface Written {
  snapshot: Snapshot
  script: SchemaScript
  scriptObject: Manifest['schema']['object']
  tables: ArchivedTable[]
  storedBytes: number
}

async function writeParts(connection: Connection, request: ArchiveRequest, objects: ArchiveObjects): Promise<Written> {
  const snapshot = await openSnapshot(connection, request.tenant.databaseSchema, request.lockTimeoutMs)
  try {
    const script = await request.scriptFor(connection, snapshot)
    const sql = Buffer.from(script.sql)
    await objects.bytes(SCHEMA_NAME, sql)
    const tables = await writeTables(connection, { request, snapshot, sink: objects })
    await closeSnapshot(connection, snapshot)
    await objects.settle()
    const scriptObject = {
      name: SCHEMA_NAME,
      bytes: sql.length,
      sha256: createHash('sha256').update(sql).digest('hex'),
    }
    return { snapshot, script, scriptObject, tables, storedBytes: objects.storedBytes }
  } catch (error) {
    // After a cancel the connection is discarded, and may not answer any more.
    if (!request.signal.aborted) await connection.query('ROLLBACK').catch(() => undefined)
    throw error
  }
}

function sealed(request: ArchiveRequest, startedAt: Date, written: Written): Manifest {
  const { snapshot, script, scriptObject, tables, storedBytes } = written
  const sum = (of: (table: ArchivedTable) => number) => tables.reduce((total, table) => total + of(table), 0)
  return seal({
    formatVersion: FORMAT_VERSION,
    kind: 'tenant',
    isolation: 'schema',
    writtenBy: request.writtenBy,
    environment: request.environment,
    tenant: request.tenant,
    server: snapshot.server,
    snapshotAt: snapshot.at,
    startedAt: startedAt.toISOString(),
    finishedAt: new Date().toISOString(),
    schema: {
      version: snapshot.ledger.at(-1)?.version ?? null,
      migrations: snapshot.ledger,
      fingerprint: script.fingerprint,
      source: script.source,
      object: scriptObject,
    },
    sequences: snapshot.sequences,
    tables,
    rows: sum(table => table.rows),
    bytes: sum(table => table.bytes),
    storedBytes,
  })
}
