import { createHash } from 'node:crypto'
import { lstat, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'
import { getCACertificates } from 'node:tls'
import type { PostgresSettings } from '#shared/contract/environment.model.ts'
import { AppError } from '#shared/errors.ts'
import { authorityOption } from '../../../connections/authority.ts'
import { CONNECT_TIMEOUT_MS } from '../../../connections/deadline.ts'

/** Where PostgreSQL's own tools connect to. */
export interface ToolConnection {
  settings: PostgresSettings
  password: string | undefined
}

export interface ToolEnvironment {
  /** The whole environment of the tool; nothing is inherited. */
  variables: Readonly<Record<string, string>>
  /** Of this run alone, closed to other users, removed at its end. */
  folder: string
  /** Texts that must not appear in anything that is shown or logged. */
  secrets: readonly string[]
}

/** Names this machine: containers that share a folder for temporary files do not see each other's processes. */
const HOST = createHash('sha256').update(hostname()).digest('hex').slice(0, 8)
const PREFIX = `tenantry-full-${HOST}-`

/**
 * The variables that libpq reads (https://www.postgresql.org/docs/current/libpq-envars.html), without the password. The database name
 * travels here because libpq expands one given as an argument as a connection string (CVE-2026-86862).
 */
export function connectionVariables(settings: PostgresSettings): Record<string, string> {
  return {
    PGHOST: settings.host,
    PGPORT: String(settings.port),
    PGUSER: settings.user,
    PGDATABASE: settings.database,
    PGSSLMODE: settings.tls.mode,
  }
}

/** Runs the work with an environment for PostgreSQL's tools and a private folder, and removes the folder at the end. */
export async function withToolEnvironment<T>(
  connection: ToolConnection,
  work: (environment: ToolEnvironment) => Promise<T>,
): Promise<T> {
  await sweepFolders()
  const folder = await mkdtemp(join(tmpdir(), `${PREFIX}${process.pid}-`)).catch((error: unknown) => {
    throw noFolder(error)
  })
  try {
    return await work(await environmentIn(folder, connection))
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function environmentIn(folder: string, { settings, password }: ToolConnection): Promise<ToolEnvironment> {
  const variables: Record<string, string> = {
    ...connectionVariables(settings),
    PGAPPNAME: 'tenantry full dump',
    PGCONNECT_TIMEOUT: String(CONNECT_TIMEOUT_MS / 1_000),
    // As the console's own connections, which know no Kerberos.
    PGGSSENCMODE: 'disable',
    // The home folder could hold ~/.pgpass, ~/.postgresql/*.crt and service files.
    HOME: folder,
    APPDATA: folder,
    TMPDIR: folder,
    // Progress is read from the tools' English messages.
    LC_ALL: 'C',
  }
  const systemRoot = process.env.SystemRoot
  if (systemRoot !== undefined) variables.SystemRoot = systemRoot
  if (password !== undefined && password !== '') variables.PGPASSWORD = password
  if (settings.tls.mode === 'verify-ca' || settings.tls.mode === 'verify-full') {
    // libpq before 16 cannot use the system's authorities; these are the ones that the console itself trusts.
    const authorities = authorityOption(settings.tls.ca).ca ?? getCACertificates('default').join('\n')
    variables.PGSSLROOTCERT = join(folder, 'root.crt')
    await writeFile(variables.PGSSLROOTCERT, authorities, { mode: 0o600 })
  }
  return { variables, folder, secrets: password === undefined || password === '' ? [] : [password] }
}

/** Removes the folders of consoles of this machine that were killed: they may hold a dump. */
async function sweepFolders(): Promise<void> {
  const names = await readdir(tmpdir()).catch(() => [])
  for (const name of names.filter(name => name.startsWith(PREFIX))) {
    const pid = Number(/^(\d+)-\w+$/.exec(name.slice(PREFIX.length))?.[1] ?? Number.NaN)
    if (Number.isNaN(pid) || isAlive(pid)) continue
    const path = join(tmpdir(), name)
    const found = await lstat(path).catch(() => undefined)
    const isOwn = found?.isDirectory() === true && (process.getuid === undefined || found.uid === process.getuid())
    if (isOwn) await rm(path, { recursive: true, force: true }).catch(() => undefined)
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return Reflect.get(Object(error), 'code') !== 'ESRCH'
  }
}

const noFolder = (cause: unknown): AppError =>
  new AppError('UNSUPPORTED', 'The folder for temporary files cannot be used.', {
    hint: 'Give this user a writable folder for temporary files (TMPDIR) with enough space.',
    cause,
  })
