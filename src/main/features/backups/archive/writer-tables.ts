import { throwIfCancelled } from '../../../connections/deadline.ts'
import type { Connection } from '../../../connections/postgres/pool.ts'
import type { ShapeTable } from './catalog.ts'
import { dataName } from './layout.ts'
import type { ArchivedTable } from './manifest.ts'
import { exportSnapshot, joinSnapshot, type Snapshot } from './snapshot.ts'
import type { ArchiveRequest } from './writer.ts'
import { type ObjectSink, writeTable } from './writer-table.ts'

/** Tenants below this many bytes on the disk are read on one connection: another costs more than it brings. */
const PARALLEL_FROM_BYTES = 64 * 1024 * 1024
const DEFAULT_WORKERS = 2

export interface TablesWork {
  request: Pick<ArchiveRequest, 'session' | 'signal' | 'workers' | 'onProgress'>
  snapshot: Snapshot
  sink: ObjectSink
}

/** Writes all tables of the snapshot that is open on this connection; a large tenant's on several. In the order of the shape. */
export async function writeTables(connection: Connection, work: TablesWork): Promise<ArchivedTable[]> {
  const { snapshot, request } = work
  const stop = new AbortController()
  const queue = new TableQueue(work, AbortSignal.any([request.signal, stop.signal]))
  if (queue.estimatedBytes < PARALLEL_FROM_BYTES) {
    await queue.work(connection)
    return queue.written
  }
  const id = await exportSnapshot(connection)
  const others = Math.min(request.workers ?? DEFAULT_WORKERS, snapshot.shape.tables.length) - 1
  const helping = Array.from({ length: others }, () =>
    request.session(async other => {
      try {
        await joinSnapshot(other, snapshot, id)
        await queue.work(other)
        await other.query('COMMIT')
      } catch (error) {
        // After a cancel the connection is discarded, and may not answer any more.
        if (!request.signal.aborted) await other.query('ROLLBACK').catch(() => undefined)
        throw error
      }
    }),
  )
  const all = [queue.work(connection), ...helping]
  await Promise.all(all).catch(async (error: unknown) => {
    stop.abort()
    await Promise.allSettled(all)
    throw error
  })
  return queue.written
}

/** The tables of one archive, largest first, shared by the connections that read them. */
class TableQueue {
  readonly written: ArchivedTable[] = []
  readonly estimatedBytes: number
  private readonly tables: TablesWork
  private readonly signal: AbortSignal
  private readonly waiting: { table: ShapeTable; index: number }[]
  private bytes = 0
  private rows = 0
  private done = 0

  constructor(tables: TablesWork, signal: AbortSignal) {
    this.tables = tables
    this.signal = signal
    const all = tables.snapshot.shape.tables
    this.estimatedBytes = all.reduce((sum, table) => sum + table.sizeBytes, 0)
    this.waiting = all.map((table, index) => ({ table, index })).sort((a, b) => b.table.sizeBytes - a.table.sizeBytes)
  }

  async work(connection: Connection): Promise<void> {
    for (let next = this.waiting.shift(); next !== undefined; next = this.waiting.shift()) {
      throwIfCancelled(this.signal)
      const { table, index } = next
      const written = await writeTable({
        connection,
        schema: this.tables.snapshot.schema,
        table,
        objectName: dataName(index, table.name),
        sink: this.tables.sink,
        signal: this.signal,
        onBytes: bytes => {
          this.bytes += bytes
          this.tell(table.name)
        },
      })
      this.written[index] = written
      this.rows += written.rows
      this.done++
      this.tell(table.name)
    }
  }

  private tell(table: string): void {
    this.tables.request.onProgress?.({
      table,
      tables: { done: this.done, total: this.tables.snapshot.shape.tables.length },
      rows: this.rows,
      bytes: this.bytes,
      estimatedBytes: Math.max(this.estimatedBytes, this.bytes),
    })
  }
}
