import type { DataCell } from '#shared/contract/data.ts'
import { AppError, invalidInput } from '#shared/errors.ts'
import { decodeCursor, encodeCursor } from '../../../connections/postgres/cursor.ts'
import { PAGE_BYTES } from '../../data/data.service.ts'
import { encodeField, fieldEnd, fieldStart, type RowView, readField } from '../archive/copy-text.ts'
import { type ArchivedTable, damaged } from '../archive/manifest.ts'
import type { Archive } from '../archive/reader.ts'
import { type CellColumn, keyFields, rowSize, toCell, toCellColumn } from './cells.ts'
import { OpenReaders } from './open-readers.ts'
import { TableReader } from './table-reader.ts'

/** An opened archive, and what tells its store from others: the id of the environment. */
export interface BrowsedArchive {
  storeId: string
  archive: Archive
}

export interface ArchivePageRequest {
  table: string
  limit: number
  cursor?: string | undefined
  /** Values of the whole primary key, as PostgreSQL writes them: only this row. */
  key?: readonly string[] | undefined
}

export interface ArchivePage {
  columns: CellColumn[]
  rows: DataCell[][]
  nextCursor: string | null
}

export interface ArchiveTableSummary {
  name: string
  rows: string
  bytes: string
  storedBytes: string
  sha256: string
  columns: CellColumn[]
}

/** What the manifest says; nothing else is read. */
export const archiveTables = ({ manifest }: Archive): ArchiveTableSummary[] =>
  manifest.tables.map(({ name, rows, bytes, sha256, object, columns }) => ({
    name,
    rows: String(rows),
    bytes: String(bytes),
    storedBytes: String(object?.bytes ?? 0),
    sha256,
    columns: columns.map(toCellColumn),
  }))

/**
 * Shows the rows of an archive where it lies. Rows come in the archive's order; a page that follows another is read from the stream
 * that stands behind it, any other from the beginning. The table's hashes are known when its last row was read: the last page of a
 * damaged table is an error, those before it may have shown what is not true.
 */
export class BrowseService {
  private readonly readers: OpenReaders<HeldReader>

  constructor(options: { idleMs?: number } = {}) {
    this.readers = new OpenReaders(options.idleMs)
  }

  /** Streams that wait for a next page now. */
  get openReaders(): number {
    return this.readers.size
  }

  async close(): Promise<void> {
    await this.readers.close()
  }

  async page(browsed: BrowsedArchive, request: ArchivePageRequest, signal: AbortSignal): Promise<ArchivePage> {
    const table = browsed.archive.table(request.table)
    const columns = table.columns.map(toCellColumn)
    const match = request.key === undefined ? undefined : matcherOf(table, request.key)
    const offset = match === undefined ? offsetOf(browsed.archive, table, request.cursor) : 0
    const place = (at: number) => `${browsed.storeId} ${browsed.archive.manifest.hash} ${table.name} ${at}`
    const taken = match === undefined ? this.readers.take(place(offset)) : undefined
    const reader = taken ?? new HeldReader(browsed.archive, table)
    const onAbort = () => void reader.close()
    signal.addEventListener('abort', onAbort, { once: true })
    let isKept = false
    try {
      if (signal.aborted) await reader.close()
      if (match !== undefined) return { columns, rows: await findRow({ reader, columns, match }), nextCursor: null }
      if (taken === undefined) await reader.skipTo(offset)
      const rows = await reader.page(columns, request.limit)
      const end = offset + rows.length
      if (end === table.rows) {
        await reader.endWhole()
        return { columns, rows, nextCursor: null }
      }
      await this.readers.keep(place(end), reader)
      isKept = true
      return { columns, rows, nextCursor: encodeCursor([browsed.archive.manifest.hash, String(end)]) }
    } finally {
      signal.removeEventListener('abort', onAbort)
      if (!isKept) await reader.close()
    }
  }
}

/** Holds the row that did not fit on a page for the next one. */
class HeldReader extends TableReader {
  private held: DataCell[] | undefined

  async page(columns: readonly CellColumn[], limit: number): Promise<DataCell[][]> {
    const rows: DataCell[][] = []
    let bytes = 0
    while (rows.length < limit) {
      const cells = this.held ?? cellsOf(await this.next(), columns)
      if (cells === undefined) break
      this.held = cells
      bytes += rowSize(cells)
      if (bytes > PAGE_BYTES && rows.length > 0) break
      rows.push(cells)
      this.held = undefined
    }
    return rows
  }

  async endWhole(): Promise<void> {
    if ((await this.next()) !== undefined) throw damaged(`table "${this.table.name}" has more rows than it says`)
  }
}

const cellsOf = (row: RowView | undefined, columns: readonly CellColumn[]): DataCell[] | undefined =>
  row === undefined ? undefined : columns.map((column, index) => toCell(readField(row, index), column))

function offsetOf(archive: Archive, table: ArchivedTable, cursor: string | undefined): number {
  if (cursor === undefined) return 0
  const [hash, text] = decodeCursor(cursor, 2)
  const offset = Number(text)
  if (hash === archive.manifest.hash && Number.isSafeInteger(offset) && offset > 0 && offset < table.rows) return offset
  throw invalidInput({ cursor: 'This cursor does not belong to this table.' })
}

interface FieldMatch {
  field: number
  /** As it stands in the COPY text: rows are compared without being decoded. */
  text: Buffer
}

function matcherOf(table: ArchivedTable, key: readonly string[]): FieldMatch[] {
  const fields = keyFields(table.columns)
  if (fields.length === 0) throw new AppError('UNSUPPORTED', `The table ${table.name} has no primary key to look for.`)
  if (fields.length !== key.length) throw invalidInput({ key: `The primary key has ${fields.length} columns` })
  return fields.map((field, index) => {
    const column = table.columns[field]
    // Whether a row is found would tell what the masked value is.
    if (column === undefined || toCellColumn(column).isMasked) {
      throw invalidInput({ key: 'Rows cannot be looked for by personal data' })
    }
    const value = key[index] ?? ''
    return { field, text: Buffer.from(encodeField(column.type === 'uuid' ? value.toLowerCase() : value)) }
  })
}

interface Search {
  reader: TableReader
  columns: readonly CellColumn[]
  match: readonly FieldMatch[]
}

async function findRow({ reader, columns, match }: Search): Promise<DataCell[][]> {
  for (let row = await reader.next(); row !== undefined; row = await reader.next()) {
    const found = row
    if (match.every(field => isMatch(found, field))) return [cellsOf(found, columns) ?? []]
  }
  return []
}

function isMatch(row: RowView, { field, text }: FieldMatch): boolean {
  const start = fieldStart(row, field)
  const end = fieldEnd(row, field)
  return end - start === text.length && row.buffer.compare(text, 0, text.length, start, end) === 0
}
