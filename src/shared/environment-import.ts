import type { z } from 'zod'
import {
  type EnvironmentSecrets,
  MongoSettings,
  PostgresSettings,
  RedisSettings,
  S3Settings,
  type StoreName,
  type Stores,
} from './contract/environment.model.ts'

/** The variables of a process or of an env file. */
export type Variables = Readonly<Record<string, string | undefined>>

export interface ImportResult {
  stores: Stores
  /** Values: for the main process only. */
  secrets: EnvironmentSecrets
  /** Names of the variables that were used. */
  used: string[]
  /** Variables that could not be understood, with the reason; never with a value. */
  problems: string[]
}

export type Parsed<T> =
  | { ok: true; settings: T; password: string | undefined; notes: string[] }
  | { ok: false; problem: string }

const POSTGRES_PORT = 5_432
const REDIS_PORT = 6_379

const UNKNOWN_TLS_MODE = 'not one of disable, allow, prefer, require, verify-ca and verify-full'

/** libpq's modes, and what other drivers call them; `allow` has no use beside `prefer`. */
const TLS_MODE_BY_NAME: Readonly<Record<string, PostgresSettings['tls']['mode']>> = {
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
function checked<T>(schema: z.ZodType<T>, value: unknown): { ok: true; settings: T } | { ok: false; problem: string } {
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

const isOn = (value: string | undefined): boolean => /^(true|1|yes|on|tls|ssl)$/i.test(value ?? '')

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

/** What a set of variables says about the four stores. */
export function importVariables(variables: Variables): ImportResult {
  const importer = new Importer(variables)
  importer.postgres()
  importer.mongo()
  importer.redis()
  importer.backup()
  return importer.result
}

interface Found<T> {
  name: string
  result: { ok: true; settings: T } | { ok: false; problem: string }
  secret: string | undefined
}

class Importer {
  readonly result: ImportResult = { stores: {}, secrets: {}, used: [], problems: [] }
  private readonly variables: Variables

  constructor(variables: Variables) {
    this.variables = variables
  }

  postgres(): void {
    if (this.has('DATABASE_URL')) this.take('postgres', 'DATABASE_URL', parsePostgresUrl)
    else if (['PGHOST', 'PGDATABASE', 'PGUSER'].some(name => this.has(name))) this.postgresFields()
  }

  mongo(): void {
    if (!this.has('MONGODB_URI')) return
    this.take('mongo', 'MONGODB_URI', uri => parseMongoUri(uri, this.use('MONGODB_DATABASE')))
  }

  redis(): void {
    if (this.has('REDIS_URL')) this.take('redis', 'REDIS_URL', parseRedisUrl)
    else if (this.has('REDIS_HOST')) this.redisFields()
  }

  backup(): void {
    if (this.has('S3_BUCKET')) this.bucket()
    else if (this.has('AWS_ACCESS_KEY_ID')) {
      this.problem('S3_BUCKET', 'missing; an access key alone names no backup store')
    }
  }

  private postgresFields(): void {
    const user = this.use('PGUSER')
    const mode = TLS_MODE_BY_NAME[(this.use('PGSSLMODE') ?? 'prefer').toLowerCase()]
    if (user === undefined) this.problem('PGUSER', 'missing; the user to connect as')
    if (mode === undefined) this.problem('PGSSLMODE', UNKNOWN_TLS_MODE)
    if (user === undefined || mode === undefined) return
    const result = checked(PostgresSettings, {
      host: this.use('PGHOST') ?? 'localhost',
      port: Number(this.use('PGPORT') ?? POSTGRES_PORT),
      database: this.use('PGDATABASE') ?? user,
      user,
      tls: { mode },
      registrySchema: 'public',
    })
    this.keep('postgres', { name: 'PG*', result, secret: this.use('PGPASSWORD') })
  }

  private redisFields(): void {
    const result = checked(RedisSettings, {
      mode: 'single',
      nodes: [{ host: this.use('REDIS_HOST'), port: Number(this.use('REDIS_PORT') ?? REDIS_PORT) }],
      database: 0,
      tls: { enabled: isOn(this.use('REDIS_TLS')) },
    })
    this.keep('redis', { name: 'REDIS_HOST, REDIS_PORT', result, secret: this.use('REDIS_PASSWORD') })
  }

  private bucket(): void {
    if (this.has('AWS_SESSION_TOKEN')) {
      this.problem('AWS_SESSION_TOKEN', 'temporary keys are not supported; use a lasting one')
    }
    const accessKeyId = this.use('AWS_ACCESS_KEY_ID')
    if (accessKeyId === undefined) {
      this.problem('AWS_ACCESS_KEY_ID', 'missing; the bucket needs an access key')
      return
    }
    const endpoint = this.use('AWS_ENDPOINT_URL_S3') ?? this.use('S3_ENDPOINT') ?? this.use('AWS_ENDPOINT_URL')
    const result = checked(S3Settings, {
      kind: 's3',
      ...(endpoint === undefined ? {} : { endpoint }),
      region: this.use('AWS_REGION') ?? this.use('AWS_DEFAULT_REGION') ?? 'us-east-1',
      bucket: this.use('S3_BUCKET'),
      // Compatible servers seldom have a host name per bucket.
      pathStyle: endpoint !== undefined,
      accessKeyId,
    })
    this.keep('backup', { name: 'S3_BUCKET, AWS_*', result, secret: this.use('AWS_SECRET_ACCESS_KEY') })
  }

  private has(name: string): boolean {
    return (this.variables[name] ?? '') !== ''
  }

  private use(name: string): string | undefined {
    const value = this.variables[name]
    if (value === undefined || value === '') return undefined
    if (!this.result.used.includes(name)) this.result.used.push(name)
    return value
  }

  private take<S extends StoreName>(
    store: S,
    name: string,
    parse: (value: string) => Parsed<NonNullable<Stores[S]>>,
  ): void {
    const result = parse(this.use(name) ?? '')
    this.keep(store, { name, result, secret: result.ok ? result.password : undefined })
    if (result.ok) for (const note of result.notes) this.problem(name, note)
  }

  private keep<S extends StoreName>(store: S, found: Found<NonNullable<Stores[S]>>): void {
    if (!found.result.ok) {
      this.problem(found.name, found.result.problem)
      return
    }
    this.result.stores[store] = found.result.settings
    if (found.secret !== undefined) this.result.secrets[store] = found.secret
  }

  private problem(name: string, reason: string): void {
    this.result.problems.push(`${name}: ${reason}`)
  }
}
