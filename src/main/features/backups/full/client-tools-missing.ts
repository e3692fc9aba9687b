import { AppError } from '#shared/errors.ts'
import type { ClientTool, ToolName } from './client-tools.ts'

interface Search {
  name: ToolName
  serverMajor: number
  found: readonly ClientTool[]
  searched: readonly string[]
}

/** UNSUPPORTED with `{ reason: 'client-tools' }`: what was found where, what is needed, how to get it. */
export function noFittingTool({ name, serverMajor, found, searched }: Search): AppError {
  const needed = neededVersion(name, serverMajor)
  const what =
    found.length === 0
      ? `${name} was not found on this machine`
      : `no ${name} here fits: found ${found.map(placeOf).join(', ')}`
  return new AppError('UNSUPPORTED', `The server is PostgreSQL ${serverMajor}, and ${what}. Needed is ${needed}.`, {
    hint: `${installHint(serverMajor)} Or set the folder that holds ${name}.`,
    details: {
      reason: 'client-tools',
      tool: name,
      serverMajor,
      needed,
      found: found.map(({ path, version }) => ({ path, version })),
      searched: [...searched],
    },
  })
}

/** UNSUPPORTED with `{ reason: 'client-tools' }`: every pg_restore here is older than the pg_dump that wrote the dump. */
export function unreadableDump({
  dumpMajor,
  found,
  searched,
}: Pick<Search, 'found' | 'searched'> & { dumpMajor: number }): AppError {
  const here = found.length === 0 ? 'none is on this machine' : `here: ${found.map(placeOf).join(', ')}`
  return new AppError(
    'UNSUPPORTED',
    `pg_dump ${dumpMajor} wrote this dump, and only pg_restore ${dumpMajor} or newer reads it; ${here}.`,
    {
      hint: `${installHint(dumpMajor)} Or set the folder that holds pg_restore.`,
      details: {
        reason: 'client-tools',
        tool: 'pg_restore',
        needed: `version ${dumpMajor} or newer`,
        found: found.map(({ path, version }) => ({ path, version })),
        searched: [...searched],
      },
    },
  )
}

const placeOf = (tool: ClientTool): string => `${tool.version} at ${tool.path}`

function neededVersion(name: ToolName, serverMajor: number): string {
  if (name !== 'pg_restore' || serverMajor >= 17) return `version ${serverMajor} or newer`
  return serverMajor === 16 ? 'version 16' : `version ${serverMajor} to 16`
}

function installHint(major: number): string {
  switch (process.platform) {
    case 'darwin':
      return `Install them with: brew install postgresql@${major}.`
    case 'win32':
      return `Install the command line tools of PostgreSQL ${major} from postgresql.org.`
    default:
      return `Install them, on Debian and Ubuntu: apt-get install postgresql-client-${major} (from apt.postgresql.org where the system's own suite has none), on Red Hat: dnf install postgresql${major}.`
  }
}
