import { createHash } from 'node:crypto'
import { z } from 'zod'
import { AppError } from '#shared/errors.ts'

/** Later formats raise it; a reader refuses what is newer than itself. */
export const FORMAT_VERSION = 1

const Sha256 = z.string().regex(/^[0-9a-f]{64}$/)
const Instant = z.iso.datetime()
const Count = z.number().int().min(0)

export const ArchivedColumn = z.object({
  name: z.string(),
  /** As format_type writes it, with a schema only where the search path needs one. */
  type: z.string(),
  nullable: z.boolean(),
  /** Position in the primary key, from 1; null outside it. */
  keyPosition: z.number().int().min(1).nullable(),
})
export type ArchivedColumn = z.infer<typeof ArchivedColumn>

export const ArchivedTable = z.object({
  name: z.string(),
  /** In the order of the COPY text. Generated columns are not archived; the database computes them again. */
  columns: z.array(ArchivedColumn),
  rows: Count,
  /** Bytes of COPY text. */
  bytes: Count,
  /** SHA-256 of the COPY text, in heap order. */
  sha256: Sha256,
  /** Null for a table without rows. */
  object: z.object({ name: z.string(), bytes: Count, sha256: Sha256 }).nullable(),
})
export type ArchivedTable = z.infer<typeof ArchivedTable>

export const Manifest = z.object({
  formatVersion: z.literal(FORMAT_VERSION),
  kind: z.literal('tenant'),
  isolation: z.literal('schema'),
  /** Version of the console that wrote it. */
  writtenBy: z.string(),
  environment: z.object({ id: z.uuid(), name: z.string(), class: z.string() }),
  tenant: z.object({
    id: z.uuid(),
    slug: z.string(),
    name: z.string(),
    databaseSchema: z.string(),
    adminEmail: z.string(),
    description: z.string().nullable(),
    settings: z.record(z.string(), z.json()),
    status: z.string(),
    features: z.array(z.object({ feature: z.string(), enabled: z.boolean(), config: z.json() })),
  }),
  server: z.object({ version: z.string(), major: z.number().int() }),
  snapshotAt: Instant,
  startedAt: Instant,
  finishedAt: Instant,
  schema: z.object({
    /** Highest tenant migration of the ledger; null where the tenant has none. */
    version: z.number().int().nullable(),
    migrations: z.array(z.object({ version: z.number().int(), name: z.string(), checksum: z.string() })),
    fingerprint: Sha256,
    /** `pg_dump` where the schema differs from its migrations. */
    source: z.enum(['migrations', 'pg_dump']),
    object: z.object({ name: z.string(), bytes: Count, sha256: Sha256 }),
  }),
  /** Only those that are not owned by an identity or serial column are restored by name; all keep their value. */
  sequences: z.array(z.object({ name: z.string(), lastValue: z.string(), isCalled: z.boolean() })),
  tables: z.array(ArchivedTable),
  rows: Count,
  /** Bytes of COPY text of all tables. */
  bytes: Count,
  /** Bytes of all objects but the manifest. */
  storedBytes: Count,
  /** SHA-256 over the canonical JSON of all other fields. */
  hash: Sha256,
})
export type Manifest = z.infer<typeof Manifest>

/** JSON with the keys of every object in the order of their code units, without white space (RFC 8785 for what occurs here). */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const fields = Object.entries(value)
    .filter(([, field]) => field !== undefined)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, field]) => `${JSON.stringify(key)}:${canonicalJson(field)}`)
  return `{${fields.join(',')}}`
}

const hashOf = (manifest: Omit<Manifest, 'hash'>): string =>
  createHash('sha256').update(canonicalJson(manifest)).digest('hex')

export const seal = (manifest: Omit<Manifest, 'hash'>): Manifest => ({ ...manifest, hash: hashOf(manifest) })

/** Largest manifest that is read: thousands of tables with long names fit many times. */
export const MANIFEST_LIMIT_BYTES = 32 * 1024 * 1024

/** Parses and checks the manifest's own hash; rejects with CONFLICT and `{ reason: 'archive-damaged' }`. */
export function parseManifest(text: string): Manifest {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw damaged('its manifest is not JSON', error)
  }
  const format: unknown = typeof value === 'object' && value !== null ? Reflect.get(value, 'formatVersion') : undefined
  if (typeof format === 'number' && format > FORMAT_VERSION) {
    throw new AppError('UNSUPPORTED', `The archive has format ${format}, newer than this console knows.`, {
      hint: 'Update Tenantry, then try again.',
    })
  }
  const parsed = Manifest.safeParse(value)
  if (!parsed.success) throw damaged('its manifest does not have the promised form', z.prettifyError(parsed.error))
  const { hash, ...rest } = parsed.data
  // Hashed as it was read: fields that this version does not know would be lost by parsing.
  if (hashOf(withoutHash(value) as typeof rest) !== hash) throw damaged('its manifest was changed after it was written')
  return parsed.data
}

function withoutHash(value: unknown): object {
  const { hash: _, ...rest } = value as { hash: unknown }
  return rest
}

export const damaged = (what: string, cause?: unknown): AppError =>
  new AppError('CONFLICT', `The archive is damaged: ${what}.`, {
    hint: 'Use another archive. This one is kept for examination until it is deleted.',
    details: { reason: 'archive-damaged' },
    cause,
  })
