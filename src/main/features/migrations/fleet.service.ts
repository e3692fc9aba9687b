import type { z } from 'zod'
import type { FleetBoard, FleetHistoryEntry, FleetTenantPage } from '#shared/contract/migrations.ts'
import type { ReadDb, ReadTx, WriteDb } from '../../connections/postgres/database.ts'
import * as status from './fleet-status.repository.ts'
import { requireRegistry } from './migration.service.ts'
import type { FleetMigration } from './migration-files.ts'
import { type ReconcileReport, reconcile } from './reconcile.ts'

/** The migrations of all tenants at once: where they stand, and the registry's copy of their ledgers. */
export class FleetService {
  private readonly set: readonly FleetMigration[]

  constructor(set: readonly FleetMigration[]) {
    this.set = set
  }

  async board(db: ReadDb<'registry'>): Promise<z.input<typeof FleetBoard>> {
    const { groups, entries, built, unbuilt } = await ready(db, tx => status.readBoard(tx, this.set))
    const names = new Map(this.set.map(one => [one.version, one]))
    const versions = [...new Set([...names.keys(), ...entries.map(entry => entry.version)])].sort((a, b) => a - b)
    return {
      tenants: built + unbuilt,
      unbuilt,
      groups,
      migrations: versions.map(version => {
        const states = entries.filter(entry => entry.version === version)
        const file = names.get(version)
        const pending = file === undefined ? 0 : built - states.reduce((sum, one) => sum + one.tenants, 0)
        return {
          version,
          name: file?.name ?? null,
          origin: file?.origin ?? null,
          states: [
            ...states.map(({ state, tenants }) => ({ state, tenants })),
            ...(pending > 0 ? [{ state: 'pending' as const, tenants: pending }] : []),
          ],
        }
      }),
    }
  }

  async tenants(db: ReadDb<'registry'>, query: status.FleetTenantQuery): Promise<z.input<typeof FleetTenantPage>> {
    const page = await ready(db, tx => status.listFleetTenants(tx, this.set, query))
    return page as z.input<typeof FleetTenantPage>
  }

  /** What was run on one tenant, and what is still to come. */
  async history(db: ReadDb<'registry'>, tenantId: string): Promise<z.input<typeof FleetHistoryEntry>[]> {
    const entries = await ready(db, tx => status.readHistory(tx, this.set, tenantId))
    const known = new Set(entries.map(entry => entry.version))
    const pending = this.set
      .filter(one => !known.has(one.version))
      .map(
        ({ version, name }): status.HistoryEntry => ({
          version,
          name,
          state: 'pending',
          appliedAt: null,
          appliedBy: null,
          durationMs: null,
          error: null,
        }),
      )
    const all = [...entries, ...pending].sort((a, b) => a.version - b.version)
    return all as z.input<typeof FleetHistoryEntry>[]
  }

  async reconcile(db: WriteDb, onProgress: (done: number, total: number) => void): Promise<ReconcileReport> {
    await ready(db, async () => undefined)
    return await reconcile(db, onProgress)
  }
}

const ready = async <T>(db: ReadDb<'registry'>, work: (tx: ReadTx<'registry'>) => Promise<T>): Promise<T> =>
  await db.read(async tx => {
    await requireRegistry(tx)
    return await work(tx)
  })
