import type { z } from 'zod'
import { MongoSettings, PostgresSettings, RedisSettings } from './contract/environment.model.ts'

export type Parsed<T> =
  | { ok: true; settings: T; password: string | undefined; notes: string[] }
  | { ok: false; problem: string }

export const POSTGRES_PORT = 5_432
export const REDIS_PORT = 6_379

export const UNKNOWN_TLS_MODE = 'not one of disable, allow, prefer, require, verify-ca and verify-full'

/** libpq's modes, and what other drivers call them; `allow` has no use beside `prefer`. */
export const TLS_MODE_BY_NAME: Readonly<Record<string, PostgresSettings['tls']['mode']>> = {
  disable: 'disable',
  allow: 'prefer',
  prefer: 'prefer',
  require: 'require',
  'no-verify': 'require',
  'verify-ca': 'verify-ca',
  'verify-full': 'verify-full',
}

interface UrlParts {
  scheme: string
  user: string | undefined
  password: string | undefined
  authority: string
  path: string
  query: ReadonlyMap<string, string>
}

const URL_FORM = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?(?:#.*)?$/is

/** Takes a URL apart more leniently than the standard: several hosts, socket folders and a bare @ in a password are in use. */
function urlParts(url: string): UrlParts | undefined {
  const match = URL_FORM.exec(url.trim())
  if (match === null) return undefined
  const [, scheme = '', whole = '', path = '', query = ''] = match
  const at = whole.lastIndexOf('@')
  const person = at === -1 ? undefined : whole.slice(0, at)
  const colon = person?.indexOf(':') ?? -1
  try {
    return {
      scheme: scheme.toLowerCase(),
      user: decoded(colon === -1 ? person : person?.slice(0, colon)),
      password: colon === -1 ? undefined : decoded(person?.slice(colon + 1)),
      authority: whole.slice(at + 1),
      path: decodeURIComponent(path),
      query: new Map(query.split('&').flatMap(queryPair)),
    }
  } catch {
    return undefined
  }
}

const decoded = (text: string | undefined): string | undefined =>
  text === undefined || text === '' ? undefined : decodeURIComponent(text)

function queryPair(pair: string): [string, string][] {
  if (pair === '') return []
  const equals = pair.indexOf('=')
  const name = equals === -1 ? pair : pair.slice(0, equals)
  const value = equals === -1 ? '' : pair.slice(equals + 1)
  return [[decodeURIComponent(name).toLowerCase(), decodeURIComponent(value.replaceAll('+', ' '))]]
}

/** `[::1]:5432`, `host:5432`, `host` or nothing; undefined for what is none of them. */
function hostAndPort(authority: string, usualPort: number): { host: string; port: number } | undefined {
  const match = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d{0,5}))?$/.exec(authority)
  if (match === null) return undefined
  const port = match[3] === undefined || match[3] === '' ? usualPort : Number(match[3])
  try {
    return { host: decodeURIComponent(match[1] ?? match[2] ?? ''), port }
  } catch {
    return undefined
  }
}

const BAD_ADDRESS = 'The host or the port cannot be read'

const failed = (problem: string): { ok: false; problem: string } => ({ ok: false, problem })

/** The first thing a schema finds wrong, with the field it is about; schemas never quote a value. */
export function checked<T>(
  schema: z.ZodType<T>,
  value: unknown,
): { ok: true; settings: T } | { ok: false; problem: string } {
  const result = schema.safeParse(value)
  if (result.success) return { ok: true, settings: result.data }
  const issue = result.error.issues[0]
  return failed(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not valid'}`)
}

/** `postgres://` and `postgresql://` as libpq reads them: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS */
export function parsePostgresUrl(url: string): Parsed<PostgresSettings> {
  const parts = urlParts(url)
  if (parts === undefined || !/^postgres(ql)?$/.test(parts.scheme)) {
    return failed('This is not a PostgreSQL URL: postgresql://user:password@host:5432/database')
  }
  const { query } = parts
  if (parts.authority.includes(',')) return failed('It names several hosts; enter the one to administer')
  const place = hostAndPort(parts.authority, Number(query.get('port') ?? POSTGRES_PORT))
  if (place === undefined) return failed(BAD_ADDRESS)
  const user = parts.user ?? query.get('user')
  const tls = tlsMode(query)
  if (!tls.ok) return tls
  const result = checked(PostgresSettings, {
    host: place.host || query.get('host') || 'localhost',
    port: place.port,
    database: parts.path || query.get('dbname') || user,
    user: user ?? '',
    tls: { mode: tls.mode },
    registrySchema: query.get('schema') ?? 'public',
  })
  if (!result.ok) return result
  const notes = query.has('sslrootcert') ? ['sslrootcert names a file; paste the certificate authority instead'] : []
  return { ok: true, settings: result.settings, password: parts.password ?? query.get('password'), notes }
}

function tlsMode(query: ReadonlyMap<string, string>): { ok: true; mode: string } | { ok: false; problem: string } {
  const name = query.get('sslmode')
  if (name !== undefined) {
    const mode = TLS_MODE_BY_NAME[name.toLowerCase()]
    return mode === undefined ? failed(`sslmode: ${UNKNOWN_TLS_MODE}`) : { ok: true, mode }
  }
  return { ok: true, mode: isOn(query.get('ssl')) ? 'require' : 'prefer' }
}

export const isOn = (value: string | undefined): boolean => /^(true|1|yes|on|tls|ssl)$/i.test(value ?? '')

/** Takes the password out of a MongoDB URI; all else stays as it is, the database among it. */
export function parseMongoUri(uri: string, usualDatabase?: string): Parsed<MongoSettings> {
  const match = /^(mongodb(?:\+srv)?:\/\/)(?:([^@/]*)@)?([^/?]+)(?:\/([^?]*))?(\?.*)?$/is.exec(uri.trim())
  if (match === null) return failed('This is not a MongoDB URI: mongodb://user:password@host:27017/database')
  const [, scheme = '', person, hosts = '', path = '', options = ''] = match
  const colon = person?.indexOf(':') ?? -1
  const user = colon === -1 ? person : person?.slice(0, colon)
  let password: string | undefined
  let database: string
  try {
    password = colon === -1 ? undefined : decoded(person?.slice(colon + 1))
    database = decodeURIComponent(path) || usualDatabase || ''
  } catch {
    return failed('It has a percent sign that is not followed by two hexadecimal digits')
  }
  if (database === '')
    return failed('It names no database; write it after the hosts, as in mongodb://host:27017/database')
  const clean = `${scheme.toLowerCase()}${user === undefined ? '' : `${user}@`}${hosts}/${path}${options}`
  const result = checked(MongoSettings, { uri: clean, database })
  return result.ok ? { ok: true, settings: result.settings, password, notes: [] } : result
}

/** `redis://` and `rediss://`: https://www.iana.org/assignments/uri-schemes/prov/redis */
export function parseRedisUrl(url: string): Parsed<RedisSettings> {
  const parts = urlParts(url)
  if (parts === undefined || !/^rediss?$/.test(parts.scheme)) {
    return failed('This is not a Redis URL: redis://user:password@host:6379/0')
  }
  const nodes = parts.authority.split(',').map(node => hostAndPort(node, REDIS_PORT))
  if (nodes.includes(undefined)) return failed(BAD_ADDRESS)
  const result = checked(RedisSettings, {
    mode: nodes.length > 1 ? 'cluster' : 'single',
    nodes: nodes.map(node => ({ host: node?.host || 'localhost', port: node?.port })),
    ...(parts.user === undefined ? {} : { user: parts.user }),
    database: Number(parts.path || parts.query.get('db') || 0),
    tls: { enabled: parts.scheme === 'rediss' },
  })
  return result.ok ? { ok: true, settings: result.settings, password: parts.password, notes: [] } : result
}
