import { AppError } from '#shared/errors.ts'
import { stampOf, stampTime } from '../archive/layout.ts'

/** `custom`: pg_dump's own format. `sql.gz`: a script, compressed. */
export const DUMP_FORMATS = ['custom', 'sql.gz'] as const
export type DumpFormat = (typeof DUMP_FORMATS)[number]

/** Matches the years of this millennium, and not `backups/schemas/`. */
export const FULL_PREFIX = 'backups/2'

const ENDINGS: Readonly<Record<DumpFormat, string>> = { custom: '.dump', 'sql.gz': '.sql.gz' }
const KEY = /^backups\/(\d{4})\/(\d{2})\/backup_full_(\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2})(\.dump|\.sql\.gz)(\.json)?$/

export interface DumpLocation {
  key: string
  format: DumpFormat
  /** ISO 8601, UTC. */
  at: string
}

/** `backups/2024/01/backup_full_2024-01-01T02-00-00.dump` */
export function dumpKey(at: Date, format: DumpFormat): string {
  const stamp = stampOf(at)
  return `backups/${stamp.slice(0, 4)}/${stamp.slice(5, 7)}/backup_full_${stamp}${ENDINGS[format]}`
}

export const sidecarKey = (key: string): string => `${key}.json`

/** What an object of the store is; undefined for what is no part of a whole-database dump. */
export function readKey(key: string): (DumpLocation & { isSidecar: boolean }) | undefined {
  const [, year, month, stamp, ending, sidecar] = KEY.exec(key) ?? []
  const at = stamp === undefined ? undefined : stampTime(stamp)
  if (stamp === undefined || at === undefined || !stamp.startsWith(`${year}-${month}-`)) return undefined
  const format: DumpFormat = ending === '.dump' ? 'custom' : 'sql.gz'
  const isSidecar = sidecar !== undefined
  return { key: isSidecar ? key.slice(0, -'.json'.length) : key, format, at, isSidecar }
}

/** @throws AppError INVALID_INPUT for what is not the key of a whole-database dump */
export function parseDumpKey(key: string): DumpLocation {
  const found = readKey(key)
  if (found !== undefined && !found.isSidecar) return { key: found.key, format: found.format, at: found.at }
  throw new AppError('INVALID_INPUT', 'This is not the key of a whole-database dump.', {
    hint: 'Choose a dump from the list.',
  })
}
