import { createHash, randomBytes } from 'node:crypto'
import { AppError } from '#shared/errors.ts'
import type { Json } from '#shared/json.ts'
import type { WriteDb } from '../../../connections/postgres/database.ts'
import { toAppError } from '../../../connections/postgres/errors.ts'
import type { Connection } from '../../../connections/postgres/pool.ts'
import type { Migration } from '../../migrations/migration-files.ts'
import type { ToolConnection } from '../full/tool-environment.ts'
import { CATALOG_SETTINGS, findSchema } from './catalog.ts'
import * as repository from './definitions.repository.ts'
import { DefinitionDump } from './definitions-dump.ts'
import {
  compareDefinitions,
  type Definitions,
  describeDifferences,
  FINGERPRINT_FORMAT,
  readDefinitions,
} from './fingerprint.ts'
import type { LedgerRow, Snapshot } from './snapshot.ts'

/** How an archive's empty schema is built. */
export interface SchemaScript {
  /** Statements without a schema name in them; they run under a search path (tenant's schema, schema of the extensions). */
  sql: string
  source: 'migrations' | 'pg_dump'
  fingerprint: string
  /** How the schema differs from its migrations, for people; null when it does not. */
  drift: string | null
}

export interface DefinitionWork {
  registry: WriteDb
  /** In the snapshot's transaction. */
  connection: Connection
  snapshot: Snapshot
  signal: AbortSignal
  /** Where pg_dump connects to. */
  server?: ToolConnection | undefined
}

/** Tells how a tenant's schema is built again: by its migrations where they give just that, by pg_dump where they do not. */
export class SchemaDefinitions {
  private readonly migrations: readonly Migration[]
  private readonly dump: Pick<DefinitionDump, 'read'>
  /** By set of migrations and major version; what is expected does not depend on the environment. */
  private readonly expected = new Map<string, Promise<Definitions>>()

  constructor(migrations: readonly Migration[], dump: Pick<DefinitionDump, 'read'> = new DefinitionDump()) {
    this.migrations = migrations
    this.dump = dump
  }

  async scriptFor(work: DefinitionWork): Promise<SchemaScript> {
    const { connection, snapshot } = work
    const actual = await readDefinitions(connection, snapshot.oid)
    const set = this.migrationsOf(snapshot.ledger)
    if (set === undefined) {
      return await this.dumped(work, actual, 'its ledger names migrations that this console does not know')
    }
    const expected = await this.expectedOf(work.registry, set, snapshot.server.major)
    if (expected.fingerprint === actual.fingerprint) {
      return { sql: scriptOf(set), source: 'migrations', fingerprint: actual.fingerprint, drift: null }
    }
    const differences = compareDefinitions(expected.text, actual.text)
    return await this.dumped(work, actual, describeDifferences(differences))
  }

  /** The migrations that the ledger says were run; undefined where they are not the first ones of this console's. */
  private migrationsOf(ledger: readonly LedgerRow[]): readonly Migration[] | undefined {
    const set = this.migrations.slice(0, ledger.length)
    const isSame = set.every(({ version, checksum }, index) => {
      const entry = ledger[index]
      return entry?.version === version && entry.checksum === checksum
    })
    return ledger.length > 0 && set.length === ledger.length && isSame ? set : undefined
  }

  private async expectedOf(registry: WriteDb, set: readonly Migration[], serverMajor: number): Promise<Definitions> {
    const key = { migrations: setHash(set), serverMajor, format: FINGERPRINT_FORMAT }
    const name = `${key.migrations} ${serverMajor}`
    const known = this.expected.get(name)
    if (known !== undefined) return await known
    const making = this.makeExpected(registry, set, key)
    this.expected.set(name, making)
    making.catch(() => this.expected.delete(name))
    return await making
  }

  private async makeExpected(
    registry: WriteDb,
    set: readonly Migration[],
    key: repository.FingerprintKey,
  ): Promise<Definitions> {
    const kept = await registry.read(tx => repository.findExpected(tx, key))
    if (kept !== undefined) return kept
    const made = await buildDefinitions(registry, set.map(migration => migration.up).join(';\n'))
    await registry.write(tx => repository.keepExpected(tx, key, { ...made, version: set.length }))
    return made
  }

  private async dumped(work: DefinitionWork, actual: Definitions, drift: string): Promise<SchemaScript> {
    const { snapshot } = work
    try {
      const sql = await this.dump.read(work)
      await prove(work.registry, sql, actual)
      return { sql, source: 'pg_dump', fingerprint: actual.fingerprint, drift }
    } catch (error) {
      throw refused(snapshot.schema, drift, toAppError(error))
    }
  }
}

/** Builds the schema from the statements once, where nobody sees it: an archive whose definitions give something else is none. */
async function prove(registry: WriteDb, sql: string, actual: Definitions): Promise<void> {
  const built = await buildDefinitions(registry, sql)
  if (built.fingerprint === actual.fingerprint) return
  const differences = describeDifferences(compareDefinitions(actual.text, built.text))
  throw new AppError('UNSUPPORTED', `The definitions that pg_dump gives build another schema: ${differences}.`, {
    hint: 'Change these objects so that they do not depend on their schema, then try again.',
  })
}

const setHash = (set: readonly Migration[]): string =>
  createHash('sha256')
    .update(set.map(migration => migration.checksum).join('\n'))
    .digest('hex')

const scriptOf = (set: readonly Migration[]): string =>
  set.map(({ version, name, up }) => `-- Migration ${version}: ${name}\n\n${up.trim()}\n`).join('\n')

const BUILD_TIMEOUT_MS = 120_000

/** Runs the statements in a schema that no other session ever sees, and tells what they give. */
async function buildDefinitions(registry: WriteDb, sql: string): Promise<Definitions> {
  const scratch = `tenantry_scratch_${randomBytes(6).toString('hex')}`
  let made: Definitions | undefined
  const building = registry.write(
    async tx => {
      await tx.script(`create schema ${scratch}`)
      made = await tx.inSchema('tenant', scratch, async tenant => {
        await tenant.script(sql)
        await tenant.script(CATALOG_SETTINGS)
        return await readDefinitions(tenant.connection, (await findSchema(tenant.connection, scratch)) ?? 0)
      })
      throw new Error('Undone on purpose')
    },
    { statementTimeoutMs: BUILD_TIMEOUT_MS },
  )
  await building.catch((error: unknown) => {
    if (made === undefined) throw error
  })
  if (made === undefined) throw new Error('The scratch schema was not undone')
  return made
}

function refused(schema: string, drift: string, cause: AppError): AppError {
  if (cause.code === 'CANCELLED') return cause
  return new AppError(cause.code, `The schema ${schema} differs from its migrations: ${drift}. ${cause.message}`, {
    hint: cause.hint,
    details: { ...(cause.details as Record<string, Json> | undefined), reason: 'drifted', drift },
    cause: cause.cause,
  })
}
