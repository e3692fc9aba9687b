import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import type { Connection } from '../../../connections/postgres/pool.ts'
import { textTypes } from '../../../connections/postgres/types.ts'
import { MANIFEST_NAME } from '../archive/layout.ts'
import { type Manifest, seal } from '../archive/manifest.ts'
import { writeArchive } from '../archive/writer.ts'

const never = new AbortController().signal

export const DEFINITIONS = '-- definitions\n'

export interface TestArchive {
  /** URL of the database. */
  url: string
  schema: string
  store: BackupStore
}

/** Archives any schema, without a tenant or a registry around it and without definitions; resolves to its prefix. */
export async function writeTestArchive({ url, schema, store }: TestArchive): Promise<string> {
  const session = async <T>(work: (connection: Connection) => Promise<T>): Promise<T> => {
    const client = new pg.Client({ connectionString: url, types: textTypes })
    await client.connect()
    try {
      return await work(client as unknown as Connection)
    } finally {
      await client.end()
    }
  }
  const request = {
    store,
    session,
    signal: never,
    tenant: tenantOf(schema),
    environment: { id: randomUUID(), name: 'Test system', class: 'development' },
    writtenBy: '0.0.0-test',
    scriptFor: async () => ({
      sql: DEFINITIONS,
      source: 'migrations' as const,
      fingerprint: '0'.repeat(64),
      drift: null,
    }),
    record: async () => undefined,
  }
  return (await session(connection => writeArchive(connection, request))).prefix
}

const tenantOf = (databaseSchema: string): Manifest['tenant'] => ({
  id: randomUUID(),
  slug: 'acme',
  name: 'Acme',
  databaseSchema,
  adminEmail: 'admin@acme.example',
  description: null,
  settings: {},
  status: 'active',
  features: [],
})

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
