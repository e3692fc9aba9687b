import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import pg from 'pg'
import type { Certificates } from '../runtime/certificates.ts'
import { type Daemon, startDaemon } from '../runtime/daemon.ts'
import { execute } from '../runtime/execute.ts'
import type { Run } from '../runtime/run.ts'
import { copyOwned, makeFolder, type Site, writeOwned } from '../runtime/site.ts'

export interface PostgresSpec {
  /** Name of the instance: its process, log, port and password. */
  name: string
  site: Site
  /** Folder with initdb and postgres as the site sees it. */
  binaries: string
  /** Present: the server offers TLS. */
  certificates?: Certificates
  /** Settings beside the common ones, as lines of postgresql.conf; may name the socket's folder. */
  settings?: (socketFolder: string) => readonly string[]
  /** Offers a socket, without password, in a folder that only the server's own user can enter. */
  hasSocket?: boolean
  /** Folder for the write-ahead log as the site sees it; within the data directory unless told. */
  walFolder?: string
}

export interface PostgresServer {
  daemon: Daemon
  port: number
  /** Superuser's connection URL, without a word about TLS. */
  url: string
}

export const SUPERUSER = 'postgres'
const LOOPBACK = ['127.0.0.1/32', '::1/128']
/** Written by the server's first start: tells a whole data directory from one whose making was interrupted. */
const WAS_STARTED = 'data/postmaster.opts'
/** macOS has no C.UTF-8; its C sorts in the same way. */
const LOCALE = process.platform === 'linux' ? 'C.UTF-8' : 'C'
const SERVER_ENV = { HOME: '/tmp', LC_ALL: LOCALE }

/** The role that pg_hba.conf lets in with TLS only. */
export const TLS_ONLY_ROLE = 'tls_only'

/** The content of pg_hba.conf: passwords for everybody from the given addresses, TLS for one role. */
export function hostBasedAccess(addresses: readonly string[], socketMethod: string): string {
  return [
    '# type database user address method',
    `local all all ${socketMethod}`,
    `hostssl all ${TLS_ONLY_ROLE} all scram-sha-256`,
    `hostnossl all ${TLS_ONLY_ROLE} all reject`,
    ...addresses.map(address => `host all all ${address} scram-sha-256`),
    ...addresses.map(address => `host replication all ${address} scram-sha-256`),
    '',
  ].join('\n')
}

/**
 * Makes a data directory unless there is one, starts the server on a free loopback port and waits until it answers.
 * @throws Error with the end of the server's log
 */
export async function startPostgres(run: Run, spec: PostgresSpec): Promise<PostgresServer> {
  const { name, site, binaries } = spec
  const password = run.secret(name)
  if (!existsSync(join(site.outside, WAS_STARTED))) await initialise(spec, password)
  const port = await run.port(name)
  await writeOwned(site, 'data/pg_hba.conf', hostBasedAccess(LOOPBACK, spec.hasSocket ? 'trust' : 'reject'))
  await writeOwned(site, 'data/tenantry.conf', await configuration(run, spec, port))
  const daemon = await startDaemon(run, {
    name,
    argv: site.command([
      join(binaries, 'postgres'),
      ...['-D', join(site.inside, 'data')],
      ...['-c', `config_file=${join(site.inside, 'data', 'tenantry.conf')}`],
    ]),
    env: SERVER_ENV,
    ...site.identity,
    // SIGINT is the fast shutdown, which leaves a clean data directory; SIGQUIT drops everything at once.
    signal: run.isKept ? 'SIGINT' : 'SIGQUIT',
  })
  const url = connectionUrl({ user: SUPERUSER, password, port })
  await daemon.ready(() => query(url, 'SELECT 1').then(() => true))
  return { daemon, port, url }
}

export function connectionUrl(login: { user: string; password: string; port: number }): string {
  return `postgresql://${login.user}:${encodeURIComponent(login.password)}@127.0.0.1:${login.port}/postgres`
}

/** Runs one statement over a connection of its own. */
export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 })
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows
  } finally {
    await client.end()
  }
}

async function initialise(spec: PostgresSpec, password: string): Promise<void> {
  const { site, binaries } = spec
  await rm(join(site.outside, 'data'), { recursive: true, force: true })
  const passwordFile = await writeOwned(site, 'password', password)
  const argv = site.command([
    join(binaries, 'initdb'),
    ...['-D', join(site.inside, 'data'), '-U', SUPERUSER, '-A', 'scram-sha-256', `--pwfile=${passwordFile}`],
    ...(spec.walFolder === undefined ? [] : [`--waldir=${spec.walFolder}`]),
    ...['--no-sync', '--no-instructions', '--encoding=UTF8', `--locale=${LOCALE}`],
  ])
  await execute(argv, {
    cwd: '/',
    env: { ...SERVER_ENV, PATH: `${binaries}:/usr/bin:/bin:/usr/sbin` },
    ...site.identity,
  })
}

async function configuration(run: Run, spec: PostgresSpec, port: number): Promise<string> {
  const socketFolder = await makeFolder(spec.site, 'socket')
  const durability = run.isKept ? [] : ['fsync = off', 'full_page_writes = off']
  return [
    "include = 'postgresql.conf'",
    "listen_addresses = '127.0.0.1'",
    `port = ${port}`,
    // Without need no socket: its path would be too long in deep folders (limit 107 bytes).
    `unix_socket_directories = '${spec.hasSocket ? socketFolder : ''}'`,
    'max_connections = 200',
    'max_locks_per_transaction = 256',
    'synchronous_commit = off',
    // Shared memory in files of the data directory leaves nothing in /dev/shm when the server is killed.
    'dynamic_shared_memory_type = mmap',
    ...durability,
    ...(await tlsSettings(spec)),
    ...(spec.settings?.(socketFolder) ?? []),
    '',
  ].join('\n')
}

async function tlsSettings({ site, certificates }: PostgresSpec): Promise<string[]> {
  if (certificates === undefined) return []
  const certificate = await copyOwned(site, 'server.crt', certificates.certificate)
  const key = await copyOwned(site, 'server.key', certificates.key)
  return ['ssl = on', `ssl_cert_file = '${certificate}'`, `ssl_key_file = '${key}'`]
}
