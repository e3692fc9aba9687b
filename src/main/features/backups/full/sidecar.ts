import { z } from 'zod'
import { AppError } from '#shared/errors.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import { DUMP_FORMATS, parseDumpKey, sidecarKey } from './layout.ts'

const SIDECAR_VERSION = 1
/** Some hundred thousand tables; a larger one is not read. */
const LIMIT_BYTES = 32 * 1024 * 1024

const Count = z.number().int().min(0)

/**
 * The record beside a dump, `<key>.json`, written last: a dump without it is unfinished or was made by another program. It holds no
 * secret. It does not prove who wrote it: whoever can write to the backup store can write it too.
 */
export const Sidecar = z.object({
  version: z.literal(SIDECAR_VERSION),
  key: z.string(),
  format: z.enum(DUMP_FORMATS),
  /** Of the object as stored. */
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
  bytes: Count,
  /** Before compression; null where pg_dump compresses itself. */
  plainBytes: Count.nullable(),
  environment: z.object({ name: z.string(), class: z.string() }),
  database: z.string(),
  locale: z.object({
    encoding: z.string(),
    provider: z.enum(['libc', 'icu', 'builtin']),
    collate: z.string(),
    ctype: z.string(),
    locale: z.string().nullable(),
  }),
  server: z.object({ version: z.string(), major: z.number().int() }),
  tool: z.object({ version: z.string(), major: z.number().int() }),
  startedAt: z.iso.datetime(),
  finishedAt: z.iso.datetime(),
  rows: Count,
  /** Schema, table and rows, counted in the dump's own snapshot. */
  tables: z.array(z.tuple([z.string(), z.string(), Count])),
})
export type Sidecar = z.infer<typeof Sidecar>

export const sidecarText = (sidecar: Omit<Sidecar, 'version'>): Buffer =>
  Buffer.from(`${JSON.stringify({ version: SIDECAR_VERSION, ...sidecar })}\n`)

/** undefined where there is none. @throws AppError CONFLICT for one that cannot be trusted, UNSUPPORTED for a newer one */
export async function readSidecar(
  store: Pick<BackupStore, 'get'>,
  key: string,
  signal: AbortSignal,
): Promise<Sidecar | undefined> {
  const body = await store.get(sidecarKey(key), signal).catch((error: unknown) => {
    if (error instanceof AppError && error.code === 'NOT_FOUND') return undefined
    throw error
  })
  if (body === undefined) return undefined
  const parts: Uint8Array[] = []
  let size = 0
  for await (const part of body) {
    size += (part as Uint8Array).byteLength
    if (size > LIMIT_BYTES) throw untrusted('it is too large')
    parts.push(part as Uint8Array)
  }
  return parseSidecar(key, Buffer.concat(parts).toString('utf8'))
}

/** @throws AppError NOT_FOUND where the dump has no record */
export async function requireSidecar(
  store: Pick<BackupStore, 'get'>,
  key: string,
  signal: AbortSignal,
): Promise<Sidecar> {
  parseDumpKey(key)
  const sidecar = await readSidecar(store, key, signal)
  if (sidecar !== undefined) return sidecar
  throw new AppError('NOT_FOUND', 'This dump has no record beside it: it is unfinished, or another program made it.', {
    hint: 'Choose a complete dump. This console restores only dumps whose record it wrote itself.',
    details: { reason: 'incomplete' },
  })
}

function parseSidecar(key: string, text: string): Sidecar {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw untrusted('it is not JSON', cause)
  }
  const version: unknown = Reflect.get(Object(value), 'version')
  if (typeof version === 'number' && version > SIDECAR_VERSION) {
    throw new AppError('UNSUPPORTED', 'A newer version of Tenantry made this dump.', { hint: 'Update Tenantry.' })
  }
  const parsed = Sidecar.safeParse(value)
  if (!parsed.success) throw untrusted('it does not have the promised form')
  if (parsed.data.key !== key) throw untrusted('it belongs to another dump')
  if (parsed.data.format !== parseDumpKey(key).format) throw untrusted('it names another format')
  return parsed.data
}

const untrusted = (why: string, cause?: unknown): AppError =>
  new AppError('CONFLICT', `The record of this dump cannot be used: ${why}.`, {
    hint: 'Use another dump.',
    details: { reason: 'archive-damaged' },
    cause,
  })
