import {
  type EnvironmentSecrets,
  PostgresSettings,
  RedisSettings,
  S3Settings,
  type StoreName,
  type Stores,
} from './contract/environment.model.ts'
import {
  checked,
  isOn,
  type Parsed,
  POSTGRES_PORT,
  parseMongoUri,
  parsePostgresUrl,
  parseRedisUrl,
  REDIS_PORT,
  TLS_MODE_BY_NAME,
  UNKNOWN_TLS_MODE,
} from './store-url.ts'

export { parseEnvFile } from './env-file.ts'
export { parseMongoUri, parsePostgresUrl, parseRedisUrl } from './store-url.ts'

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
