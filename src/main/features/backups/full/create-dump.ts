import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGzip } from 'node:zlib'
import type pg from 'pg'
import { AppError, isAppError } from '#shared/errors.ts'
import { throwIfCancelled } from '../../../connections/deadline.ts'
import { toAppError } from '../../../connections/postgres/errors.ts'
import type { ClientTool } from './client-tools.ts'
import { countRows, type DatabaseFacts, type TableRows } from './database.repository.ts'
import type { DumpStore, FullDumpJob, FullDumpTarget } from './full-dump.model.ts'
import { type DumpFormat, dumpKey, sidecarKey } from './layout.ts'
import { explainLocks } from './lock-failure.ts'
import { type Sidecar, sidecarText } from './sidecar.ts'
import { withToolEnvironment } from './tool-environment.ts'
import { type RunningTool, startTool } from './tool-process.ts'
import { CLEANUP_MS, withClient } from './with-client.ts'

/** Milliseconds a dump waits for the lock on a table that somebody else holds, unless told. */
export const LOCK_WAIT_MS = 60_000
/** Dumps are named by the second; this many seconds are tried. */
const STAMPS_TRIED = 10
const PIECE_BYTES = 256 * 1024

/** Keys that this process is writing. */
const writing = new Set<string>()

export interface DumpOptions {
  format: DumpFormat
  lockWaitMs: number
}

export function dumpArguments({ format, lockWaitMs }: DumpOptions, snapshot: string): string[] {
  return [
    `--format=${format === 'custom' ? 'custom' : 'plain'}`,
    '--verbose',
    '--no-password',
    `--lock-wait-timeout=${lockWaitMs}`,
    `--snapshot=${snapshot}`,
  ]
}

export interface DumpRun {
  target: FullDumpTarget
  options: DumpOptions
  tool: ClientTool
  facts: DatabaseFacts
  job: FullDumpJob
}

/** Writes the dump and then its record; leaves neither when anything fails or the caller cancels. */
export async function createDump(run: DumpRun): Promise<Sidecar> {
  const { target, job } = run
  const { store } = target
  const startedAt = new Date()
  const key = await freeKey(store, startedAt, run)
  try {
    const written = await dumpUnderSnapshot(run, key)
    const text = sidecarText({
      ...written,
      key,
      format: run.options.format,
      environment: { name: target.environment.name, class: target.environment.class },
      database: target.postgres.settings.database,
      locale: run.facts.locale,
      server: { version: run.facts.serverVersion, major: run.facts.serverMajor },
      tool: { version: run.tool.version, major: run.tool.major },
      startedAt: startedAt.toISOString(),
      finishedAt: new Date().toISOString(),
    })
    throwIfCancelled(job.signal)
    await store.put(sidecarKey(key), text, job.signal)
    throwIfCancelled(job.signal)
    return JSON.parse(text.toString('utf8')) as Sidecar
  } catch (error) {
    throw await removeUnfinished(store, key, await explainLocks(target.postgres, error))
  } finally {
    writing.delete(key)
  }
}

/** Never the key of something that is there: a failure deletes what its key holds. */
async function freeKey(store: DumpStore, startedAt: Date, { options, job }: DumpRun): Promise<string> {
  for (let second = 0; second < STAMPS_TRIED; second++) {
    const key = dumpKey(new Date(startedAt.getTime() + second * 1_000), options.format)
    if (writing.has(key)) continue
    writing.add(key)
    try {
      const { objects } = await store.list({ prefix: key, limit: 1 }, job.signal)
      if (objects.length === 0) return key
    } catch (error) {
      writing.delete(key)
      throw error
    }
    writing.delete(key)
  }
  throw new AppError('CONFLICT', 'Other dumps of this environment began in this same moment.', { retryable: true })
}

type Written = Pick<Sidecar, 'bytes' | 'sha256' | 'plainBytes' | 'rows' | 'tables'>

/** One snapshot for pg_dump and for the count of the rows that a restore is checked against. */
async function dumpUnderSnapshot(run: DumpRun, key: string): Promise<Written> {
  const { target, job } = run
  // Whichever fails first ends the other.
  const failed = new AbortController()
  const signal = AbortSignal.any([job.signal, failed.signal])
  const stopOnFailure = (error: unknown): never => {
    // Coded before the other is ended: after that everything looks cancelled.
    const coded = toAppError(error, { isCancelled: signal.aborted })
    failed.abort()
    throw coded
  }
  return await withClient(target.postgres, signal, async client => {
    const snapshot = await exportSnapshot(client, run.options.lockWaitMs)
    const own = { ...run, job: { ...job, signal } }
    const [stored, counted] = await Promise.allSettled([
      streamDump(own, { key, snapshot }).catch(stopOnFailure),
      countRows(client, signal).catch(stopOnFailure),
    ])
    throwIfCancelled(job.signal)
    // Of the two the one that was cancelled is not the cause.
    const reasons = [stored, counted].flatMap(result =>
      result.status === 'rejected' ? [result.reason as unknown] : [],
    )
    const cause = reasons.find(reason => !isCancelled(reason)) ?? reasons[0]
    if (stored.status === 'rejected' || counted.status === 'rejected') throw cause
    return { ...stored.value, tables: counted.value, rows: totalRows(counted.value) }
  })
}

const isCancelled = (error: unknown): boolean => isAppError(error) && error.code === 'CANCELLED'

export const totalRows = (tables: readonly TableRows[]): number => tables.reduce((sum, [, , rows]) => sum + rows, 0)

async function exportSnapshot(client: pg.Client, lockWaitMs: number): Promise<string> {
  await client.query('begin transaction isolation level repeatable read read only')
  await client.query(
    'set local statement_timeout = 0; set local idle_in_transaction_session_timeout = 0; set local row_security = off',
  )
  await client.query(`set local lock_timeout = ${Math.trunc(lockWaitMs)}`)
  const found = await client.query<{ id: string }>('select pg_export_snapshot() as id')
  return found.rows[0]?.id ?? ''
}

type Stored = Pick<Sidecar, 'bytes' | 'sha256' | 'plainBytes'>

async function streamDump(run: DumpRun, { key, snapshot }: { key: string; snapshot: string }): Promise<Stored> {
  const { target, tool, options, job } = run
  const { format } = options
  return await withToolEnvironment(target.postgres, async environment => {
    const meter = new Meter(run)
    const running = startTool({
      program: tool.path,
      args: dumpArguments(options, snapshot),
      environment,
      signal: job.signal,
      onLine: line => meter.line(line),
    })
    running.stdin.end()
    const body = Readable.from(dumpBytes(running, format, meter), { objectMode: false })
    try {
      const bytes = await target.store.put(key, body, job.signal)
      await running.ended
      if (bytes !== meter.bytes)
        throw new AppError('CONNECTION_FAILED', 'The backup store did not take the whole dump.')
    } catch (error) {
      body.destroy()
      // A tool that failed by itself is the cause; one that is ended here is not.
      const isCause = meter.isOver
      running.stop()
      const ended = await running.ended.catch((reason: unknown) => ({ reason }))
      throw isCause && ended !== undefined ? ended.reason : error
    }
    return { bytes: meter.bytes, sha256: meter.digest(), plainBytes: format === 'sql.gz' ? meter.plainBytes : null }
  })
}

/** Counts what passes and tells the job. */
class Meter {
  bytes = 0
  plainBytes = 0
  /** pg_dump has closed its output. */
  isOver = false
  private tables = 0
  private readonly hash = createHash('sha256')
  private readonly run: DumpRun

  constructor(run: DumpRun) {
    this.run = run
  }

  line(line: string): void {
    if (!line.startsWith('pg_dump: dumping contents of table ')) return
    this.tables++
    this.report()
  }

  stored(chunk: Buffer): void {
    this.bytes += chunk.byteLength
    this.hash.update(chunk)
    this.report()
  }

  digest(): string {
    return this.hash.digest('hex')
  }

  private report(): void {
    this.run.job.progress?.({
      phase: 'dumping',
      bytes: this.bytes,
      totalBytes: null,
      objects: this.tables,
      totalObjects: this.run.facts.tables,
    })
  }
}

/** Ends only when pg_dump has ended well: the store keeps nothing of a dump that broke off. */
async function* dumpBytes(running: RunningTool, format: DumpFormat, meter: Meter): AsyncGenerator<Buffer> {
  running.stdout.once('end', () => {
    meter.isOver = true
  })
  const plain = async function* () {
    for await (const chunk of running.stdout) {
      meter.plainBytes += (chunk as Buffer).byteLength
      yield chunk as Buffer
    }
  }
  for await (const chunk of gathered(format === 'custom' ? plain() : packed(plain()))) {
    meter.stored(chunk)
    yield chunk
  }
  await running.ended
}

/** pg_dump writes 4 KiB at a time, for each of which a store would be asked once. */
async function* gathered(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let parts: Buffer[] = []
  let size = 0
  for await (const part of source) {
    parts.push(part)
    size += part.byteLength
    if (size < PIECE_BYTES) continue
    yield Buffer.concat(parts)
    parts = []
    size = 0
  }
  if (size > 0) yield Buffer.concat(parts)
}

async function* packed(plain: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  const gzip = createGzip()
  const feeding = pipeline(plain, gzip).catch((error: Error) => void gzip.destroy(error))
  for await (const chunk of gzip) yield chunk as Buffer
  await feeding
}

/** The error to throw: with a word on what could not be removed. */
async function removeUnfinished(store: DumpStore, key: string, error: unknown): Promise<unknown> {
  try {
    await store.delete([sidecarKey(key), key], AbortSignal.timeout(CLEANUP_MS))
    return error
  } catch {
    if (!isAppError(error)) return error
    const { code, message, retryable, id } = error
    const rest = `What was written may still be in the backup store, under ${key}; without its record it counts as unfinished.`
    return new AppError(code, message, {
      hint: error.hint === undefined ? rest : `${error.hint} ${rest}`,
      details: error.details,
      retryable,
      id,
      cause: error.cause,
    })
  }
}
