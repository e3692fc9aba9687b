import { copyOut } from '../../../connections/postgres/copy.ts'
import { quoteIdentifier, quoteQualified } from '../../../connections/postgres/identifier.ts'
import type { Connection } from '../../../connections/postgres/pool.ts'
import type { ArchivedColumn } from '../archive/manifest.ts'
import type { Archive } from '../archive/reader.ts'
import type { Snapshot } from '../archive/snapshot.ts'

export interface SideTable {
  name: string
  columns: ArchivedColumn[]
  /** Null on the live side: not counted yet. */
  rows: number | null
  /** Of the COPY text, where it is known without reading. */
  sha256: string | null
  /** For sizing; on the live side an estimate. */
  estimatedRows: number
  estimatedBytes: number
}

export interface SideText {
  /** In the order of the text. */
  columns: readonly ArchivedColumn[]
  text: AsyncIterable<Buffer>
}

/** One side of a comparison, all of it of one instant. */
export interface Side {
  tables: ReadonlyMap<string, SideTable>
  /** At least the named columns; a side that can choose gives these alone, in this order. One text at a time. */
  text(table: SideTable, columns: readonly string[]): SideText
}

export interface BothSides {
  left: Side
  right: Side
}

export function archiveSide(archive: Archive, signal: AbortSignal): Side {
  const tables = archive.manifest.tables.map(({ name, columns, rows, bytes, sha256 }) => ({
    name,
    columns,
    rows,
    sha256,
    estimatedRows: rows,
    estimatedBytes: bytes,
  }))
  return {
    tables: new Map(tables.map(table => [table.name, table])),
    text: table => ({ columns: table.columns, text: archive.copyText(archive.table(table.name), signal) }),
  }
}

/** The connection holds the snapshot's transaction. */
export function liveSide(connection: Connection, snapshot: Snapshot): Side {
  const tables = snapshot.shape.tables.map(({ name, columns, estimatedRows, sizeBytes }) => ({
    name,
    columns,
    rows: null,
    sha256: null,
    estimatedRows: Math.max(estimatedRows, 0),
    estimatedBytes: sizeBytes,
  }))
  return {
    tables: new Map(tables.map(table => [table.name, table])),
    text: (table, names) => ({
      columns: names.flatMap(name => table.columns.find(column => column.name === name) ?? []),
      text: liveText(connection, copyStatement(snapshot.schema, table, names)),
    }),
  }
}

/** Columns are left out where all are meant: a table may have none at all. */
function copyStatement(schema: string, table: SideTable, names: readonly string[]): string {
  const list = names.length === 0 ? '' : ` (${names.map(quoteIdentifier).join(', ')})`
  return `COPY ${quoteQualified(schema, table.name)}${list} TO STDOUT`
}

async function* liveText(connection: Connection, text: string): AsyncGenerator<Buffer> {
  const source = copyOut(connection, text)
  try {
    yield* source as AsyncIterable<Buffer>
    await source.done
  } finally {
    source.destroy()
    // The connection answers nobody else before the server is done, or the connection gone.
    await source.done.catch(() => undefined)
  }
}
