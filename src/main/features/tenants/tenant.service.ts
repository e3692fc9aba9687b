import type { z } from 'zod'
import type { TENANT_STATUSES, TenantListRow, TenantRow, TenantSettings } from '#shared/contract/tenant.model.ts'
import { AppError } from '#shared/errors.ts'
import type { Json } from '#shared/json.ts'
import { type ReadDb, sql, type WriteDb, type WriteTx } from '../../connections/postgres/database.ts'
import { requireRegistry } from '../migrations/migration.service.ts'
import * as repository from './tenant.repository.ts'
import { NO_FACTS, readFacts } from './tenant-facts.ts'

type Status = (typeof TENANT_STATUSES)[number]

export interface TenantChanges {
  name?: string | undefined
  adminEmail?: string | undefined
  description?: string | null | undefined
  settings?: z.output<typeof TenantSettings> | undefined
}

export interface Actor {
  who: string
  reason?: string | undefined
}

/** Reads and changes the registry's rows of tenants. Building and removing their schemas is `ProvisioningService`'s. */
export class TenantService {
  async list(db: ReadDb<'registry'>, query: repository.TenantQuery) {
    const { page, total } = await db.read(async tx => {
      await requireRegistry(tx)
      return { page: await repository.listTenants(tx, query), total: await repository.countTenants(tx, query) }
    })
    const { facts, problem } = await readFacts(db, page.items)
    const items: TenantListRow[] = page.items.map(row => ({ ...row, facts: facts.get(row.id) ?? NO_FACTS }))
    return { items, nextCursor: page.nextCursor, total, factsProblem: problem }
  }

  async get(db: ReadDb<'registry'>, tenant: TenantRow): Promise<TenantListRow> {
    const { facts } = await readFacts(db, [tenant])
    return { ...tenant, facts: facts.get(tenant.id) ?? NO_FACTS }
  }

  async history(db: ReadDb<'registry'>, query: { tenantId: string; limit: number; cursor?: string | undefined }) {
    return await db.read(tx => repository.listHistory(tx, query))
  }

  /** Ids of all tenants that match; for work on many of them. */
  async ids(db: ReadDb<'registry'>, query: Pick<repository.TenantQuery, 'search' | 'status'>): Promise<string[]> {
    return await db.read(async tx => {
      await requireRegistry(tx)
      return await repository.matchingTenantIds(tx, query)
    })
  }

  async update(db: WriteDb, tenantId: string, request: { changes: TenantChanges; actor: Actor }): Promise<TenantRow> {
    const { changes, actor } = request
    return await db.write(async tx => {
      const before = await repository.lockTenant(tx, tenantId)
      const settings = changes.settings === undefined ? undefined : mergeSettings(before.settings, changes.settings)
      await repository.changeTenant(tx, tenantId, {
        name: changes.name,
        admin_email: changes.adminEmail,
        description: changes.description,
        settings: settings === undefined ? undefined : JSON.stringify(settings),
      })
      return await this.finish(tx, before, { action: 'tenant.update', actor })
    })
  }

  async suspend(db: WriteDb, tenantId: string, actor: Actor): Promise<TenantRow> {
    const change = { status: 'suspended', suspended_at: sql.raw('now()'), suspension_reason: actor.reason ?? null }
    return await this.changeStatus(db, tenantId, { action: 'tenant.suspend', from: ['active'], change, actor })
  }

  async reactivate(db: WriteDb, tenantId: string, actor: Actor): Promise<TenantRow> {
    const change = { status: 'active', suspended_at: null, suspension_reason: null }
    return await this.changeStatus(db, tenantId, {
      action: 'tenant.reactivate',
      from: ['suspended', 'archived'],
      change,
      actor,
    })
  }

  async archive(db: WriteDb, tenantId: string, actor: Actor): Promise<TenantRow> {
    const change = { status: 'archived' }
    return await this.changeStatus(db, tenantId, {
      action: 'tenant.archive',
      from: ['active', 'suspended'],
      change,
      actor,
    })
  }

  private async changeStatus(
    db: WriteDb,
    tenantId: string,
    request: { action: string; from: readonly Status[]; change: repository.TenantChange; actor: Actor },
  ): Promise<TenantRow> {
    return await db.write(async tx => {
      const before = await repository.lockTenant(tx, tenantId)
      if (!request.from.includes(before.status)) {
        throw new AppError(
          'CONFLICT',
          `The tenant is ${before.status}; this is possible only when it is ${request.from.join(' or ')}.`,
        )
      }
      await repository.changeTenant(tx, tenantId, request.change)
      return await this.finish(tx, before, request)
    })
  }

  private async finish(
    tx: WriteTx<'registry'>,
    before: TenantRow,
    entry: { action: string; actor: Actor },
  ): Promise<TenantRow> {
    const after = await repository.lockTenant(tx, before.id)
    await repository.addAudit(tx, {
      ...entry.actor,
      action: entry.action,
      tenantId: before.id,
      slug: before.slug,
      ...difference(before, after),
    })
    return after
  }
}

/** Null removes a setting; others replace it; settings not named stay. */
function mergeSettings(present: Record<string, unknown>, change: Record<string, unknown>): Record<string, unknown> {
  const merged = { ...present, ...change }
  return Object.fromEntries(Object.entries(merged).filter(([, value]) => value !== null && value !== undefined))
}

/** Only what changed, for the history. */
function difference(before: TenantRow, after: TenantRow): { before: Json; after: Json } {
  const keys = (Object.keys(after) as (keyof TenantRow)[]).filter(
    key => key !== 'updatedAt' && JSON.stringify(before[key]) !== JSON.stringify(after[key]),
  )
  const pick = (row: TenantRow): Json => Object.fromEntries(keys.map(key => [key, row[key] as Json]))
  return { before: pick(before), after: pick(after) }
}
