import { createHash, randomUUID } from 'node:crypto'
import { zstdCompressSync } from 'node:zlib'
import type pg from 'pg'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { copyOut } from '../../../connections/postgres/copy.ts'
import { quoteIdentifier, quoteQualified } from '../../../connections/postgres/identifier.ts'
import type { Connection } from '../../../connections/postgres/pool.ts'
import { findSchema, readShape, type ShapeTable } from '../archive/catalog.ts'
import { archivePrefix, dataName, MANIFEST_NAME, SCHEMA_NAME } from '../archive/layout.ts'
import { type ArchivedTable, FORMAT_VERSION, type Manifest, seal } from '../archive/manifest.ts'

const never = new AbortController().signal

export interface TestArchive {
  client: pg.Client
  schema: string
  store: BackupStore
  /** Tells archives of one schema apart. */
  stamp?: string
}

/** Archives a small schema as it is now, in memory: what reading archives is tested with, free of what writing them may do. */
export async function writeTestArchive({
  client,
  schema,
  store,
  stamp = '2026-01-31T02-00-00',
}: TestArchive): Promise<string> {
  const prefix = archivePrefix(schema, stamp)
  const tables = await tablesOf(client, schema)
  const archived: ArchivedTable[] = []
  for (const [index, table] of tables.entries()) {
    const text = await copyTextOf(client, schema, table)
    const stored = zstdCompressSync(text)
    const object = text.length === 0 ? null : { name: dataName(index, table.name), ...measured(stored) }
    if (object !== null) await store.put(`${prefix}${object.name}`, stored, never)
    const rows = text.reduce((count, byte) => (byte === 0x0a ? count + 1 : count), 0)
    archived.push({ name: table.name, columns: table.columns, rows, ...measured(text), object })
  }
  const definitions = Buffer.from('-- definitions\n')
  await store.put(`${prefix}${SCHEMA_NAME}`, definitions, never)
  const manifest = manifestOf(schema, archived, measured(definitions))
  await store.put(`${prefix}${MANIFEST_NAME}`, Buffer.from(JSON.stringify(manifest)), never)
  return prefix
}

async function tablesOf(client: pg.Client, schema: string): Promise<ShapeTable[]> {
  const connection = client as unknown as Connection
  const oid = await findSchema(connection, schema)
  return oid === undefined ? [] : (await readShape(connection, oid)).tables
}

async function copyTextOf(client: pg.Client, schema: string, table: ShapeTable): Promise<Buffer> {
  const columns = table.columns.map(column => quoteIdentifier(column.name)).join(', ')
  const text = `copy ${quoteQualified(schema, table.name)} (${columns}) to stdout`
  await client.query('set synchronize_seqscans to off')
  const source = copyOut(client as unknown as Connection, text)
  const parts: Buffer[] = []
  for await (const part of source as AsyncIterable<Buffer>) parts.push(Buffer.from(part))
  await source.done
  return Buffer.concat(parts)
}

const measured = (bytes: Buffer): { bytes: number; sha256: string } => ({
  bytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
})

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

function manifestOf(
  databaseSchema: string,
  tables: ArchivedTable[],
  definitions: { bytes: number; sha256: string },
): Manifest {
  const at = '2026-01-31T02:00:00.000Z'
  return seal({
    formatVersion: FORMAT_VERSION,
    kind: 'tenant',
    isolation: 'schema',
    writtenBy: '0.0.0-test',
    environment: { id: randomUUID(), name: 'Test system', class: 'development' },
    tenant: {
      id: randomUUID(),
      slug: 'acme',
      name: 'Acme',
      databaseSchema,
      adminEmail: 'admin@acme.example',
      description: null,
      settings: {},
      status: 'active',
      features: [],
    },
    server: { version: '15', major: 15 },
    snapshotAt: at,
    startedAt: at,
    finishedAt: at,
    schema: {
      version: 1,
      migrations: [],
      fingerprint: measured(Buffer.alloc(0)).sha256,
      source: 'migrations',
      object: { name: SCHEMA_NAME, ...definitions },
    },
    sequences: [],
    tables,
    rows: sum(tables.map(table => table.rows)),
    bytes: sum(tables.map(table => table.bytes)),
    storedBytes: definitions.bytes + sum(tables.map(table => table.object?.bytes ?? 0)),
  })
}

/** Changes the manifest as an editor would; with its hash computed anew when `reseal`. */
export async function editManifest(
  store: BackupStore,
  prefix: string,
  { change, reseal }: { change: (manifest: Manifest) => void; reseal: boolean },
): Promise<void> {
  const parts: Buffer[] = []
  for await (const part of await store.get(`${prefix}${MANIFEST_NAME}`, never)) parts.push(part as Buffer)
  const manifest = JSON.parse(String(Buffer.concat(parts))) as Manifest
  change(manifest)
  const { hash: _, ...rest } = manifest
  await store.put(`${prefix}${MANIFEST_NAME}`, Buffer.from(JSON.stringify(reseal ? seal(rest) : manifest)), never)
}
