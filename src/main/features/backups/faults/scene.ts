import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import pg from 'pg'
import { expect } from 'vitest'
import type { BackupSettings, Environment, Stores } from '#shared/contract/environment.model.ts'
import type { ResultOf } from '#shared/contract/index.ts'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { newId } from '#shared/ids.ts'
import { LocalClient } from '../../../kernel/local-client.ts'
import { createServices } from '../../../services.ts'
import { eventually } from '../../../testing/eventually.ts'
import { createTestConsole, type TestConsole, type TestConsoleOptions } from '../../../testing/test-console.ts'
import { postgresUrl } from '../../../testing/test-database.ts'
import { type ChildConsole, startChild } from './child.ts'
import { type Fingerprint, fingerprint } from './fingerprint.ts'
import { Gate } from './gate.ts'

const PROJECT = resolve(import.meta.dirname, '..', '..', '..', '..', '..')

export type Restore = ResultOf<'backups.prepare'>
type SwapReport = ResultOf<'backups.restore'>

/** A console as its user holds it: over the scene's database, straight or through the gate. */
export interface Operator {
  client: LocalClient
  environment: Environment
}

export interface SceneOptions extends Pick<TestConsoleOptions, 'url' | 'through'> {
  /** A folder of its own when absent. */
  backup?: BackupSettings
}

/** What stands at the beginning of every fault: a tenant, its archive, and live that went on since. */
export interface Subject {
  tenant: TenantRow
  schema: string
  archive: string
  /** Of live when it was archived, and as it is now. */
  archived: Fingerprint
  live: Fingerprint
}

type Options = { by?: Operator; onChange?: (job: JobSnapshot) => void; signal?: AbortSignal }
type SwapOptions = Options & { input?: object; token?: string }

/** One database, one backup store, a console on them that no fault meets, and a gate for the ones that meet it. */
export class Scene implements AsyncDisposable {
  readonly console: TestConsole
  readonly folder: string
  readonly gate: Gate
  private readonly options: SceneOptions
  private readonly closing: (() => Promise<unknown>)[] = []
  private client: pg.Client
  private last: Promise<unknown> = Promise.resolve()
  private count = 0

  private constructor(console: TestConsole, place: { folder: string; gate: Gate; options: SceneOptions }) {
    this.console = console
    this.client = console.database.client
    this.folder = place.folder
    this.gate = place.gate
    this.options = place.options
  }

  static async open(options: SceneOptions = {}): Promise<Scene> {
    const server = new URL(options.url ?? postgresUrl())
    const gate = await new Gate({ host: server.hostname, port: Number(server.port) }).listen()
    const folder = await mkdtemp(join(tmpdir(), 'tenantry-backups-'))
    const { backup = { kind: 'folder', path: folder }, ...rest } = options
    const console = await createTestConsole({ passwordCost: 4, stores: { backup }, ...rest })
    return new Scene(console, { folder, gate, options: { ...options, backup } })
  }

  get self(): Operator {
    return { client: this.console.client, environment: this.console.environment }
  }

  /** One statement after the other, whoever asks. */
  sql = (text: string, values?: unknown[]): Promise<Record<string, unknown>[]> => {
    const asked = this.last.then(async () => (await this.client.query(text, values)).rows)
    this.last = asked.catch(() => undefined)
    return asked
  }

  /** Opens the scene's own connection anew, after the server was away. */
  async reconnect(): Promise<void> {
    await this.client.end().catch(() => undefined)
    this.client = new pg.Client({ connectionString: this.console.database.url })
    this.client.on('error', () => undefined)
    await this.client.connect()
  }

  private stores(throughGate: boolean, backup?: BackupSettings): Stores {
    const { settings } = this.console.database
    const postgres = throughGate ? { ...settings, host: '127.0.0.1', port: this.gate.port } : settings
    const own = backup ?? this.options.backup
    return { postgres, ...(own === undefined ? {} : { backup: own }) }
  }

  /** Another console over the same database: its statements pass the gate unless told otherwise. */
  async operator(
    given: { straight?: boolean; backup?: BackupSettings; secret?: string; dataDirectory?: string } = {},
  ): Promise<Operator> {
    const dataDirectory = given.dataDirectory ?? (await mkdtemp(join(tmpdir(), 'tenantry-other-')))
    const services = await createServices({ dataDirectory, resourcesDirectory: PROJECT, version: '0.0.0-test' })
    this.closing.push(async () => {
      await services.close()
      await rm(dataDirectory, { recursive: true, force: true })
    })
    const client = new LocalClient(services.kernel, { id: newId(), user: 'ravi', host: 'cli', maximumRole: 'dba' })
    const environment = await client.call('environments.create', {
      settings: {
        name: 'Other',
        class: 'development',
        role: 'dba',
        stores: this.stores(given.straight !== true, given.backup),
      },
      secrets: { postgres: this.console.database.password, ...(given.secret ? { backup: given.secret } : {}) },
      secretStorage: 'session',
    })
    return { client, environment }
  }

  /** A console process of its own behind the gate. */
  async child(): Promise<ChildConsole> {
    const starting = startChild(this.stores(true), { postgres: this.console.database.password })
    this.closing.push(async () => {
      const { kill, dataDirectory } = await starting
      await kill()
      await rm(dataDirectory, { recursive: true, force: true })
    })
    return await starting
  }

  /** A tenant that was archived, and was worked with since: rows were added, changed and removed. */
  async subject(slug = `t-${++this.count}`, more = '', by: Operator = this.self): Promise<Subject> {
    const tenant = await this.console.createTenant(slug)
    const schema = tenant.databaseSchema
    const inTenant = (text: string) =>
      this.sql(`set search_path to ${schema}, extensions; ${text}; set search_path to public`)
    await inTenant(`insert into roles (name) values ('clerk'), ('auditor');
      insert into departments (name, code) select 'Department ' || n, 'D' || n from generate_series(1, 40) n;
      insert into audit_logs (action, entity_type, changes)
        select 'update', 'user', jsonb_build_object('n', n, 'text', repeat(md5(n::text), 8)) from generate_series(1, 300) n; ${more}`)
    const archived = await this.look(schema)
    const { archive } = await this.backUp({ tenant }, { by })
    await inTenant(`insert into roles (name) values ('newcomer');
      update departments set name = 'Renamed ' || code where code in ('D1', 'D2'); delete from departments where code = 'D40'`)
    return { tenant, schema, archive, archived, live: await this.look(schema) }
  }

  look = (schema: string): Promise<Fingerprint> => fingerprint(this.sql, schema)

  ref(tenant: { id: TenantRow['id'] }, by: Operator = this.self) {
    return { environmentId: by.environment.id, tenantId: tenant.id }
  }

  async backUp({ tenant }: Pick<Subject, 'tenant'>, { by = this.self, ...options }: Options = {}) {
    return await by.client.runJob('backups.create', this.ref(tenant, by), options)
  }

  async prepare({ tenant, archive }: Subject, { by = this.self, ...options }: Options = {}): Promise<Restore> {
    return await by.client.runJob('backups.prepare', { ...this.ref(tenant, by), archive }, options)
  }

  /** Swaps what was prepared; lock timeouts are short unless the input says otherwise. */
  async restore({ tenant }: Subject, restore: Restore, options: SwapOptions = {}): Promise<SwapReport> {
    const { by = this.self, input, token = restore.token ?? '', ...rest } = options
    const request = { restoreId: restore.id, token, lockTimeoutMs: 500, limitSeconds: 20, onChange: 'stop' as const }
    const confirmation = { typed: tenant.slug }
    return await by.client.runJob(
      'backups.restore',
      { ...this.ref(tenant, by), ...request, confirmation, ...input },
      rest,
    )
  }

  async undoToken({ tenant }: Subject, restore: Restore, by: Operator = this.self): Promise<string> {
    const plan = await by.client.call('backups.undoPlan', { ...this.ref(tenant, by), restoreId: restore.id })
    return plan.token ?? ''
  }

  async undo(subject: Subject, restore: Restore, options: SwapOptions = {}): Promise<SwapReport> {
    const { by = this.self, input, ...rest } = options
    const token = options.token ?? (await this.undoToken(subject, restore, by))
    const request = { restoreId: restore.id, token, lockTimeoutMs: 500, limitSeconds: 20 }
    const confirmation = { typed: subject.tenant.slug }
    return await by.client.runJob(
      'backups.undo',
      { ...this.ref(subject.tenant, by), ...request, confirmation, ...input },
      rest,
    )
  }

  async recompare({ tenant }: Pick<Subject, 'tenant'>, restore: { id: string }): Promise<Restore> {
    return await this.console.client.runJob('backups.recompare', { ...this.ref(tenant), restoreId: restore.id })
  }

  async discard({ tenant }: Pick<Subject, 'tenant'>, restore: { id: string }): Promise<Restore> {
    return await this.console.client.runJob('backups.discard', { ...this.ref(tenant), restoreId: restore.id })
  }

  async verify(
    subject: Subject,
    input: { archive?: string; depth?: 'hashes' | 'restore' } = {},
    options: Options = {},
  ) {
    const { by = this.self, ...rest } = options
    const request = { ...this.ref(subject.tenant, by), archive: subject.archive, ...input }
    return await by.client.runJob('backups.verify', request, rest)
  }

  async deleteArchive({ tenant }: Pick<Subject, 'tenant'>, archive: string): Promise<void> {
    const confirmation = { typed: tenant.slug }
    await this.console.client.runJob('backups.delete', { ...this.ref(tenant), archive, confirmation })
  }

  /** The latest first. */
  async restores({ tenant }: Pick<Subject, 'tenant'>): Promise<Restore[]> {
    return await this.console.client.call('backups.restores', this.ref(tenant))
  }

  async status({ tenant }: Pick<Subject, 'tenant'>): Promise<string> {
    return (await this.console.client.call('tenants.get', this.ref(tenant))).status
  }

  /** Schemas that restores made of this tenant, whoever remembers them. */
  async besides({ schema }: Pick<Subject, 'schema'>): Promise<string[]> {
    const found = await this.sql(
      `select nspname from pg_namespace where starts_with(nspname, left($1, 35) || '__') order by 1`,
      [schema],
    )
    return found.map(row => String(row.nspname))
  }

  /** Nobody works, waits, or holds anybody off: what a fault left has ended. */
  async settled(): Promise<void> {
    const ask = `select a.pid, a.state, left(a.query, 120) as query from pg_stat_activity a
        where a.datname = current_database() and a.pid <> pg_backend_pid() and a.application_name = 'tenantry' and a.state <> 'idle'
      union all select l.pid, l.mode, 'advisory lock' from pg_locks l where l.locktype = 'advisory'
        and l.database = (select oid from pg_database where datname = current_database())`
    let left: unknown[] = []
    await eventually(async () => {
      left = await this.sql(ask)
      return left.length === 0 ? true : undefined
    }).catch(() => expect(left).toEqual([]))
  }

  /** Live is as it was before, writable, with its status; no trace of a hold is left. */
  async expectUntouched(subject: Subject): Promise<void> {
    await this.settled()
    await this.expectSame(subject)
  }

  /** As `expectUntouched`, while others are at work. */
  async expectSame(subject: Subject): Promise<void> {
    expect(await this.look(subject.schema)).toEqual(subject.live)
    expect(await this.status(subject)).toBe('active')
    await this.sql(
      `begin; set local lock_timeout to 1000; update ${subject.schema}.roles set description = 'probe'; rollback`,
    )
  }

  /** Live is the archive, row for row and definition for definition; what was live is kept as it was. */
  async expectSwapped(subject: Subject): Promise<void> {
    await this.settled()
    expect(await this.look(subject.schema)).toEqual(subject.archived)
    expect(await this.status(subject)).toBe('active')
    const kept = (await this.besides(subject)).find(schema => schema.includes('__before_'))
    expect(await this.look(kept ?? 'none')).toEqual(subject.live)
  }

  /** A second attempt after the fault: an archive comes back whole. */
  async expectRestores(subject: Subject): Promise<void> {
    const report = await this.restore(subject, await this.prepare(subject))
    expect(report.verification.outcome).toBe('passed')
    await this.expectSwapped(subject)
    await this.removeKept(subject)
  }

  /** All of the operator's path: the fault left nothing in its way. */
  async expectGoesThrough(subject: Subject): Promise<void> {
    const restore = await this.prepare(subject)
    const report = await this.restore(subject, restore)
    expect(report.verification.outcome).toBe('passed')
    await this.expectSwapped(subject)
    await this.undo(subject, restore)
    expect(await this.look(subject.schema)).toEqual(subject.live)
    await this.removeKept(subject)
  }

  async removeKept(subject: Pick<Subject, 'schema'>): Promise<void> {
    const schemas = await this.besides(subject)
    if (schemas.length === 0) return
    const { environment, client } = this.console
    const kept = await client.call('backups.kept', { environmentId: environment.id })
    expect(kept.map(({ schema }) => schema)).toEqual(expect.arrayContaining(schemas))
    const confirmation = { typed: environment.name }
    const done = await client.runJob('backups.removeKept', { environmentId: environment.id, schemas, confirmation })
    expect(done).toEqual({ removed: schemas, failed: [] })
    expect(await this.besides(subject)).toEqual([])
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.gate.open()
    for (const close of this.closing.toReversed()) await close().catch(() => undefined)
    if (this.client !== this.console.database.client) await this.client.end().catch(() => undefined)
    await this.console[Symbol.asyncDispose]()
    this.gate.close()
    await rm(this.folder, { recursive: true, force: true })
  }
}
