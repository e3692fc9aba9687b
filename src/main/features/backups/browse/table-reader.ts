import { cancelled } from '../../../connections/deadline.ts'
import { CopyScanner, type RowView } from '../archive/copy-text.ts'
import { type ArchivedTable, damaged } from '../archive/manifest.ts'
import type { Archive } from '../archive/reader.ts'

/** Rows of one archived table, one after the other, from a stream that may stay open between two pages. */
export class TableReader {
  readonly table: ArchivedTable
  /** Rows read until now. */
  offset = 0
  private readonly abort = new AbortController()
  private readonly text: AsyncIterator<Uint8Array>
  private readonly scanner = new CopyScanner()

  constructor(archive: Archive, table: ArchivedTable) {
    this.table = table
    const stream: AsyncIterable<Uint8Array> = archive.copyText(table, this.abort.signal)
    this.text = stream[Symbol.asyncIterator]()
  }

  /** The next row, valid until the next call; undefined at the end, which is then known to be whole. */
  async next(): Promise<RowView | undefined> {
    while (!this.scanner.next()) if (!(await this.fill())) return undefined
    this.offset++
    const { row } = this.scanner
    if (row.fields !== Math.max(this.table.columns.length, 1)) {
      throw damaged(`row ${this.offset} of table "${this.table.name}" has ${row.fields} fields`)
    }
    return row
  }

  /** Goes on until this many rows are read. */
  async skipTo(offset: number): Promise<void> {
    while (this.offset < offset) {
      if (this.scanner.next()) this.offset++
      else if (!(await this.fill())) return
    }
  }

  /** Rejects what is being read with CANCELLED. */
  async close(): Promise<void> {
    this.abort.abort()
    await this.text.return?.().catch(() => undefined)
  }

  private async fill(): Promise<boolean> {
    const { value, done } = await this.text.next()
    if (done !== true) {
      this.scanner.push(value)
      return true
    }
    if (this.abort.signal.aborted) throw cancelled()
    if (!this.scanner.finish()) throw damaged(`the text of table "${this.table.name}" ends inside a row`)
    if (this.scanner.rows !== this.table.rows) {
      throw damaged(`table "${this.table.name}" has ${this.scanner.rows} rows, not ${this.table.rows}`)
    }
    return false
  }
}
