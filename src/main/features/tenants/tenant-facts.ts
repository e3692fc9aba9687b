import type { TenantFacts } from '#shared/contract/tenant.model.ts'
import type { ReadDb } from '../../connections/postgres/database.ts'
import { toAppError } from '../../connections/postgres/errors.ts'
import * as repository from './tenant-facts.repository.ts'

/** Facts are an extra: tables that running DDL has locked must not hold up a list. */
const LOCK_TIMEOUT_MS = 250
const TIMEOUT_MS = 5_000

export const NO_FACTS: TenantFacts = { schemaVersion: null, employees: null, sizeBytes: null, lastActivityAt: null }

export interface FactsAnswer {
  /** By tenant id. What cannot be read now is null. */
  facts: Map<string, TenantFacts>
  /** Why something is missing, in one sentence; null when nothing is. */
  problem: string | null
}

/** Facts of any number of tenants, in a constant number of queries; one locked tenant does not hide the others' facts. */
export async function readFacts(
  db: ReadDb<'registry'>,
  tenants: readonly repository.TenantKey[],
): Promise<FactsAnswer> {
  const facts = new Map<string, TenantFacts>()
  if (tenants.length === 0) return { facts, problem: null }
  const shapes = await db.read(tx => repository.readShapes(tx, tenants))
  for (const { id, schemaVersion } of shapes) facts.set(id, { ...NO_FACTS, schemaVersion })
  const readable = new Set(shapes.filter(shape => shape.hasPeople).map(shape => shape.id))
  const keys = tenants.filter(tenant => readable.has(tenant.id))
  const first = await tryContents(db, keys, facts)
  if (first === null) return { facts, problem: null }
  const locked = await db.read(tx => repository.lockedTenants(tx, keys))
  if (locked.size === 0) return { facts, problem: first }
  const free = keys.filter(key => !locked.has(key.id))
  const second = await tryContents(db, free, facts)
  return { facts, problem: second ?? `Tables are locked by running changes in ${locked.size} of these tenants.` }
}

/** Reads what lies in the tables themselves; resolves to the reason when that is not possible now. */
async function tryContents(
  db: ReadDb<'registry'>,
  keys: readonly repository.TenantKey[],
  facts: Map<string, TenantFacts>,
): Promise<string | null> {
  const options = { lockTimeoutMs: LOCK_TIMEOUT_MS, statementTimeoutMs: TIMEOUT_MS }
  const put = (id: string, part: Partial<TenantFacts>) => facts.set(id, { ...(facts.get(id) ?? NO_FACTS), ...part })
  try {
    await db.read(async tx => {
      const sizes = await repository.readSizes(tx, keys)
      const people = await repository.readPeopleFacts(tx, keys)
      for (const { id, sizeBytes } of sizes) put(id, { sizeBytes })
      for (const { id, employees, lastActivityAt } of people) put(id, { employees, lastActivityAt })
    }, options)
    return null
  } catch (error) {
    const failure = toAppError(error)
    // A schema may be locked, dropped or closed to this user at any moment; anything else is a failure of the list.
    const isPassing = ['TIMEOUT', 'NOT_FOUND', 'TENANT_UNAVAILABLE', 'PERMISSION_DENIED'].includes(failure.code)
    if (!isPassing) throw failure
    return `Employees, size and activity could not be read: ${failure.message}`
  }
}
