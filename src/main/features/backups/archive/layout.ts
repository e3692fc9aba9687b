import { AppError } from '#shared/errors.ts'

/**
 * Where an archive's objects lie in the backup store; the key layout is DOMAIN's:
 * `backups/schemas/<schema>/backup_schema_<stamp>/…` for one tenant.
 */
export const SCHEMAS_PREFIX = 'backups/schemas/'
export const MANIFEST_NAME = 'manifest.json'
export const SCHEMA_NAME = 'schema.sql'

const STAMP = /^(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})$/
const FOLDER = /^backup_schema_(\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2})$/

/** `2024-01-01T02-00-00`, UTC. */
export const stampOf = (at: Date): string => at.toISOString().slice(0, 19).replaceAll(':', '-')

/** ISO 8601 of a stamp, or undefined for what is none. */
export function stampTime(stamp: string): string | undefined {
  const [, day, hour, minute, second] = STAMP.exec(stamp) ?? []
  if (day === undefined) return undefined
  const iso = `${day}T${hour}:${minute}:${second}.000Z`
  return Number.isNaN(Date.parse(iso)) ? undefined : iso
}

export const tenantPrefix = (schema: string): string => `${SCHEMAS_PREFIX}${encodeName(schema)}/`

/** Ends with a slash. It is also the archive's id in operations. */
export const archivePrefix = (schema: string, stamp: string): string => `${tenantPrefix(schema)}backup_schema_${stamp}/`

export interface ArchiveLocation {
  schema: string
  stamp: string
  /** ISO 8601, UTC. */
  at: string
}

/** Reads a prefix back; rejects with INVALID_INPUT what is not the prefix of a tenant archive. */
export function parseArchivePrefix(prefix: string): ArchiveLocation {
  const [schema, folder, rest, ...more] = prefix.startsWith(SCHEMAS_PREFIX)
    ? prefix.slice(SCHEMAS_PREFIX.length).split('/')
    : []
  const stamp = FOLDER.exec(folder ?? '')?.[1]
  const at = stamp === undefined ? undefined : stampTime(stamp)
  if (
    schema === undefined ||
    schema === '' ||
    stamp === undefined ||
    at === undefined ||
    rest !== '' ||
    more.length > 0
  ) {
    throw new AppError('INVALID_INPUT', 'This is not the place of a tenant archive.', {
      hint: 'Choose an archive from the list.',
    })
  }
  return { schema: decodeName(schema), stamp, at }
}

/** Tolerates what no archive of ours is called. */
function decodeName(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}

/** `data/003_audit_logs.copy.zst`: the number keeps names apart that a file system would not. */
export const dataName = (index: number, table: string): string =>
  `data/${String(index + 1).padStart(3, '0')}_${encodeName(table)}.copy.zst`

/** Percent-encoded, with the characters that a key, a shell or a file system could read as something else. */
const encodeName = (name: string): string =>
  encodeURIComponent(name).replace(/[!'()*.]/g, character => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
