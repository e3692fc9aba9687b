import type { AppError } from '#shared/errors.ts'
import type { WriteDb } from '../../connections/postgres/database.ts'
import { toAppError } from '../../connections/postgres/errors.ts'
import * as repository from './reconcile.repository.ts'

/** A statement over that many schemas holds three locks for each: far below a server's default lock table. */
const BATCH = 100
/** A ledger that somebody keeps locked holds the others up for this long, and as long again for each halving of its batch. */
const LOCK_TIMEOUT_MS = 250

export interface SkippedTenant {
  tenantId: string
  slug: string
  reason: string
}

export interface ReconcileReport {
  tenants: number
  added: number
  changed: number
  removed: number
  /** Named one by one: their entries are as they were, or marked as unknown where the ledger is gone. */
  skipped: SkippedTenant[]
}

/** Repairs the registry's copy of the tenants' own ledgers, batch by batch, each in a transaction of its own. */
export async function reconcile(
  db: WriteDb,
  onProgress: (done: number, total: number) => void,
): Promise<ReconcileReport> {
  const tenants = await db.read(tx => repository.listLedgerTenants(tx))
  const report: ReconcileReport = { tenants: tenants.length, added: 0, changed: 0, removed: 0, skipped: [] }
  for (let at = 0; at < tenants.length; at += BATCH) {
    await reconcileBatch(db, tenants.slice(at, at + BATCH), report)
    onProgress(Math.min(at + BATCH, tenants.length), tenants.length)
  }
  return report
}

/** One ledger that cannot be read fails its batch: halves are tried until it stands alone and is named. */
async function reconcileBatch(
  db: WriteDb,
  tenants: readonly repository.LedgerTenant[],
  report: ReconcileReport,
): Promise<void> {
  try {
    add(report, await repairBatch(db, tenants))
  } catch (error) {
    const failure = toAppError(error)
    if (isOfAll(failure)) throw failure
    const [only] = tenants
    if (only !== undefined && tenants.length === 1) {
      report.skipped.push(skipped(only, failure.message))
      return
    }
    const middle = Math.ceil(tenants.length / 2)
    await reconcileBatch(db, tenants.slice(0, middle), report)
    await reconcileBatch(db, tenants.slice(middle), report)
  }
}

/** No half would fare better. */
const isOfAll = (error: AppError): boolean => error.code === 'CANCELLED' || error.code === 'CONNECTION_FAILED'

type Part = Omit<ReconcileReport, 'tenants'>

async function repairBatch(db: WriteDb, tenants: readonly repository.LedgerTenant[]): Promise<Part> {
  return await db.write(
    async tx => {
      const idle = await repository.lockIdleTenants(
        tx,
        tenants.map(tenant => tenant.id),
      )
      const [mine, busy] = partition(tenants, tenant => idle.has(tenant.id))
      const schemas = await repository.schemasWithLedger(
        tx,
        mine.map(tenant => tenant.schema),
      )
      const [readable, missing] = partition(mine, tenant => schemas.has(tenant.schema))
      const unknown = await repository.markUnknown(
        tx,
        missing.map(tenant => tenant.id),
      )
      const repaired =
        readable.length === 0 ? { added: 0, changed: 0, removed: 0 } : await repository.repairEntries(tx, readable)
      return {
        ...repaired,
        changed: repaired.changed + unknown,
        skipped: [
          ...missing.map(tenant => skipped(tenant, 'Its schema has no ledger of migrations.')),
          ...busy.map(tenant => skipped(tenant, 'It is being built, migrated, restored or removed right now.')),
        ],
      }
    },
    { lockTimeoutMs: LOCK_TIMEOUT_MS },
  )
}

const skipped = ({ id, slug }: repository.LedgerTenant, reason: string): SkippedTenant => ({
  tenantId: id,
  slug,
  reason,
})

function add(report: ReconcileReport, part: Part): void {
  report.added += part.added
  report.changed += part.changed
  report.removed += part.removed
  report.skipped.push(...part.skipped)
}

function partition<T>(items: readonly T[], test: (item: T) => boolean): [T[], T[]] {
  return [items.filter(test), items.filter(item => !test(item))]
}
