import { existsSync } from 'node:fs'
import { glob } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { execute } from '../services/runtime/execute.ts'

export interface SystemPostgres {
  /** Folder with all the programs. */
  binaries: string
  major: number
  /** Whether pg_stat_statements can be loaded. */
  hasStatistics: boolean
}

/** What the console and the demo need of one installation; anything less is passed over. */
const PROGRAMS = ['initdb', 'pg_ctl', 'postgres', 'psql', 'pg_dump', 'pg_restore'] as const
const OLDEST_MAJOR = 14
const EXTENSION = 'extension/citext.control'
const STATISTICS = ['lib', 'lib/postgresql'].flatMap(folder =>
  ['so', 'dylib'].map(suffix => `${folder}/pg_stat_statements.${suffix}`),
)

/** Folders where installers put PostgreSQL; a star stands for any text within one name. */
const PLACES: Partial<Record<NodeJS.Platform, readonly string[]>> = {
  linux: [
    '/usr/lib/postgresql/*/bin',
    '/usr/pgsql-*/bin',
    '/usr/lib/postgresql*/bin',
    '/usr/libexec/postgresql*',
    '/home/linuxbrew/.linuxbrew/opt/postgresql*/bin',
  ],
  darwin: [
    '/opt/homebrew/opt/postgresql*/bin',
    '/usr/local/opt/postgresql*/bin',
    '/Applications/Postgres.app/Contents/Versions/*/bin',
    '/Library/PostgreSQL/*/bin',
  ],
}

/** The newest complete PostgreSQL of this machine, or of the wanted major version; undefined when there is none. */
export async function findSystemPostgres(wanted?: number): Promise<SystemPostgres | undefined> {
  const places: string[] = []
  for await (const place of glob(PLACES[process.platform] ?? [])) places.push(place)
  const folders = new Set([...places, ...(process.env.PATH ?? '').split(delimiter).filter(Boolean)])
  const complete = [...folders].filter(isComplete)
  const found = (await Promise.all(complete.map(inspect))).filter(one => one !== undefined)
  return best(found, wanted)
}

/** Pure half of the choice. */
export function best(found: readonly SystemPostgres[], wanted?: number): SystemPostgres | undefined {
  return found
    .filter(one => (wanted === undefined ? one.major >= OLDEST_MAJOR : one.major === wanted))
    .toSorted((a, b) => b.major - a.major)[0]
}

const programFile = (name: string): string => (process.platform === 'win32' ? `${name}.exe` : name)

function isComplete(folder: string): boolean {
  return PROGRAMS.every(name => existsSync(join(folder, programFile(name))))
}

async function inspect(folder: string): Promise<SystemPostgres | undefined> {
  try {
    const versions = ['postgres', 'pg_dump', 'psql'].map(name => execute([join(folder, name), '--version']))
    const [server, ...tools] = (await Promise.all(versions)).map(majorOf)
    // Tools of another version than the server's refuse to work with it, or lose data.
    if (server === undefined || tools.some(tool => tool !== server)) return undefined
    if (!shareFolders(folder, server).some(share => existsSync(join(share, EXTENSION)))) return undefined
    const hasStatistics = STATISTICS.some(library => existsSync(join(folder, '..', library)))
    return { binaries: folder, major: server, hasStatistics }
  } catch {
    return undefined
  }
}

/** `postgres (PostgreSQL) 15.13 (Debian 15.13-0+deb12u1)` → 15 */
export function majorOf(version: string): number | undefined {
  const match = /\(PostgreSQL\) (\d+)/.exec(version)
  return match === null ? undefined : Number(match[1])
}

function shareFolders(binaries: string, major: number): string[] {
  const names = ['share', 'share/postgresql', `share/postgresql@${major}`, `share/postgresql${major}`]
  return [`/usr/share/postgresql/${major}`, ...names.map(name => join(binaries, '..', name))]
}
