import { join, resolve } from 'node:path'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import type { JobControl } from '../../../kernel/jobs.ts'
import type { TestConsoleOptions } from '../../../testing/test-console.ts'
import { loadMigrations, type Migration } from '../../migrations/migration-files.ts'
import { type BackupSetup, backupSetup } from '../create/testing.ts'
import { PrepareService } from './prepare.service.ts'
import type { Work } from './swap.ts'

const PROJECT = resolve(import.meta.dirname, '..', '..', '..', '..', '..')
const never = new AbortController().signal

/** A job that nobody watches: it keeps the names of its steps and what it logged. */
export interface WatchedJob extends JobControl {
  steps: string[]
  lines: string[]
}

/** `onStep` runs when a step begins: faults are put in there. `onProgress` at every progress. */
export function watchedJob(
  onStep: (name: string) => Promise<void> | void = () => undefined,
  onProgress: () => void = () => undefined,
): WatchedJob {
  const steps: string[] = []
  const lines: string[] = []
  return {
    steps,
    lines,
    progress: onProgress,
    step: async (name, work) => {
      steps.push(name)
      await onStep(name)
      return await work()
    },
    log: line => lines.push(line),
    oneTimeSecret: () => '',
  }
}

export interface RestoreSetup extends AsyncDisposable {
  backup: BackupSetup
  migrations: Migration[]
  prepares: PrepareService
  /** Work of a person, with a job of its own when none is given. */
  work(changes?: Partial<Work>): Work
  /** Archives the tenant as it is now; the prefix. */
  archive(tenant: TenantRow, store?: BackupStore): Promise<string>
  prepare(tenant: TenantRow, prefix: string, changes?: Partial<Work>): ReturnType<PrepareService['prepare']>
  /** Schemas of the database but those of PostgreSQL, the registry and tenants. */
  leftSchemas(): Promise<string[]>
  /** Every row of a schema, and how it is built, as text: to be compared with itself later. */
  stateOf(schema: string): Promise<Record<string, string>>
}

export async function restoreSetup(options: TestConsoleOptions = {}): Promise<RestoreSetup> {
  const backup = await backupSetup(options)
  const migrations = await loadMigrations(join(PROJECT, 'migrations', 'tenant'))
  const prepares = new PrepareService({ migrations })
  const work = (changes: Partial<Work> = {}): Work => {
    const { signal = never } = changes
    return { db: backup.registry(signal), job: watchedJob(), who: 'asha', signal, ...changes }
  }
  return {
    backup,
    migrations,
    prepares,
    work,
    archive: async (tenant, store = backup.store) =>
      (await backup.backups.create(backup.work({ store }), tenant)).prefix,
    prepare: (tenant, prefix, changes) =>
      prepares.prepare(work(changes), tenant, { archive: { store: backup.store, prefix }, schemaChoice: 'migrate' }),
    leftSchemas: async () => {
      const found = await backup.sql(`select nspname as name from pg_namespace
        where nspname !~ '^pg_' and nspname not in ('public', 'information_schema', 'extensions')
          and nspname not in (select database_schema from tenants) order by 1`)
      return found.map(row => String(row.name))
    },
    stateOf: schema => stateOf(backup, schema),
    [Symbol.asyncDispose]: () => backup[Symbol.asyncDispose](),
  }
}

async function stateOf({ sql }: BackupSetup, schema: string): Promise<Record<string, string>> {
  const tables = await sql(
    `select format('%I.%I', schemaname, tablename) as name, tablename from pg_tables where schemaname = $1 order by 2`,
    [schema],
  )
  const state: Record<string, string> = {}
  for (const { name, tablename } of tables) {
    const found = await sql(
      `select count(*) || ' ' || coalesce(md5(string_agg(t.ctid || t::text, '|' order by t.ctid)), '') as hash from ${name} t`,
    )
    state[String(tablename)] = String(found[0]?.hash)
  }
  const definitions = await sql(
    `select replace(pg_get_indexdef(i.indexrelid), $1 || '.', '') as text from pg_index i
      join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1
     union all select c.relname || ' ' || k.conname || ' ' || replace(pg_get_constraintdef(k.oid), $1 || '.', '') from pg_constraint k
      join pg_class c on c.oid = k.conrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1
     union all select c.relname || ' ' || t.tgname || ' ' || t.tgenabled::text from pg_trigger t
      join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and not t.tgisinternal
     order by 1`,
    [schema],
  )
  return { ...state, '(definitions)': definitions.map(row => String(row.text)).join('\n') }
}
