import { z } from 'zod'
import type { MigrationState } from '#shared/contract/migrations.ts'
import { AppError } from '#shared/errors.ts'
import type { ReadDb, ReadTx, WriteDb, WriteTx } from '../../connections/postgres/database.ts'
import { toAppError } from '../../connections/postgres/errors.ts'
import * as repository from './migration.repository.ts'
import type { Migration } from './migration-files.ts'

export interface MigrationSet {
  registry: readonly Migration[]
  tenant: readonly Migration[]
}

interface Status {
  registry: z.infer<typeof MigrationState>[]
  isRegistryReady: boolean
  latestTenantVersion: number
  tenantsByVersion: { version: number; tenants: number }[]
}

const MIGRATION_TIMEOUT_MS = 300_000

/** Runs migrations and keeps their ledgers. The registry's run by themselves, a tenant's inside its provisioning. */
export class MigrationService {
  private readonly set: MigrationSet

  constructor(set: MigrationSet) {
    this.set = set
  }

  get latestTenantVersion(): number {
    return this.set.tenant.length
  }

  async status(db: ReadDb<'registry'>): Promise<Status> {
    return await db.read(async tx => {
      const isReady = await repository.hasRegistry(tx)
      const ledger = isReady ? await repository.readRegistryLedger(tx) : []
      const registry = compare(this.set.registry, ledger)
      return {
        registry,
        isRegistryReady: isReady && registry.every(entry => entry.state === 'applied'),
        latestTenantVersion: this.latestTenantVersion,
        tenantsByVersion: isReady ? await repository.tenantsByVersion(tx) : [],
      }
    })
  }

  /** Brings the registry up to date, in one transaction. Rejects when it is newer than this console, or was changed. */
  async migrateRegistry(db: WriteDb): Promise<{ version: number; name: string }[]> {
    const migrate = db.write(
      async tx => {
        await repository.lockRegistry(tx)
        await repository.prepareDatabase(tx)
        const ledger = (await repository.hasRegistry(tx)) ? await repository.readRegistryLedger(tx) : []
        refuseSurprises(compare(this.set.registry, ledger))
        const pending = this.set.registry.filter(({ version }) => !ledger.some(entry => entry.version === version))
        for (const migration of pending) {
          const started = performance.now()
          await tx.script(migration.up)
          await repository.recordRegistry(tx, { migration, durationMs: elapsed(started) })
        }
        return pending.map(({ version, name }) => ({ version, name }))
      },
      { statementTimeoutMs: MIGRATION_TIMEOUT_MS },
    )
    return await migrate.catch((error: unknown) => {
      throw asForeignTables(toAppError(error))
    })
  }

  /** Builds a new tenant's schema inside the caller's transaction, and writes both ledgers in it. */
  async migrateNewTenant(tx: WriteTx<'registry'>, target: repository.LedgerTarget): Promise<void> {
    const applied: repository.Applied[] = []
    await tx.inSchema('tenant', target.schema, async tenant => {
      for (const migration of this.set.tenant) {
        const started = performance.now()
        await tenant.script(migration.up)
        applied.push({ migration, durationMs: elapsed(started) })
      }
    })
    await repository.recordTenant(tx, target, applied)
  }
}

/** For features that put another schema in a tenant's place: the fleet ledger follows what is live. */
export const copyTenantLedger = repository.copyTenantLedger

/** SQLSTATE duplicate_table: what is there was not made by these migrations, or the ledger would say so. */
function asForeignTables(error: AppError): AppError {
  const isTableThere = SqlFailure.safeParse(error.details).data?.sqlState === '42P07'
  if (!isTableThere) return error
  return new AppError('CONFLICT', 'The registry schema holds tables of these names that Tenantry did not make.', {
    hint: 'Choose another registry schema in the settings of this environment. Nothing was changed.',
    details: error.details,
    cause: error.cause,
  })
}

const SqlFailure = z.object({ sqlState: z.string() })

const elapsed = (started: number): number => Math.round(performance.now() - started)

function compare(files: readonly Migration[], ledger: readonly repository.LedgerEntry[]): Status['registry'] {
  const known = files.map(({ version, name, checksum }): Status['registry'][number] => {
    const entry = ledger.find(candidate => candidate.version === version)
    if (entry === undefined) return { version, name, state: 'pending', appliedAt: null }
    return { version, name, state: entry.checksum === checksum ? 'applied' : 'changed', appliedAt: entry.appliedAt }
  })
  const unknown = ledger
    .filter(entry => !files.some(file => file.version === entry.version))
    .map(({ version, name, appliedAt }): Status['registry'][number] => ({ version, name, state: 'unknown', appliedAt }))
  return [...known, ...unknown]
}

function refuseSurprises(states: Status['registry']): void {
  const unknown = states.find(entry => entry.state === 'unknown')
  if (unknown !== undefined) {
    throw new AppError('UNSUPPORTED', `The registry is at version ${unknown.version}, newer than this console knows.`, {
      hint: 'Update Tenantry, then try again.',
    })
  }
  const changed = states.find(entry => entry.state === 'changed')
  if (changed === undefined) return
  throw new AppError(
    'CONFLICT',
    `Registry migration ${changed.version} was applied with another text than it has now.`,
    {
      hint: 'Restore the released migration file; released files are never edited.',
    },
  )
}

/**
 * Rejects with NOT_FOUND and `{ reason: 'registry-missing' }` when this database has no registry yet, `{ reason: 'registry-behind' }`
 * when an older console made it.
 */
export async function requireRegistry(tx: ReadTx<'registry'>): Promise<void> {
  if (!(await repository.isRegistryBehind(tx))) return
  if (await repository.hasRegistry(tx)) {
    throw new AppError('NOT_FOUND', 'The registry of this database was made by an older Tenantry.', {
      hint: 'Bring the registry up to date; tenants stay as they are.',
      details: { reason: 'registry-behind' },
    })
  }
  throw new AppError('NOT_FOUND', 'This database has no Tenantry registry yet.', {
    hint: 'Set up the registry; it adds its tables to the registry schema and changes nothing else.',
    details: { reason: 'registry-missing' },
  })
}
