import { randomBytes } from 'node:crypto'
import { hash } from '@node-rs/bcrypt'
import { z } from 'zod'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import type { CreateTenant } from '#shared/contract/tenants.ts'
import { AppError, isAppError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import type { DbSession, WriteDb } from '../../connections/postgres/database.ts'
import { toAppError } from '../../connections/postgres/errors.ts'
import type { JobControl } from '../../kernel/jobs.ts'
import { type MigrationService, requireRegistry } from '../migrations/migration.service.ts'
import { defaultData } from './default-data.ts'
import * as repository from './tenant.repository.ts'
import * as facts from './tenant-facts.repository.ts'
import { withTenantLock } from './tenant-lock.ts'

/** bcrypt's cost: OWASP asks for at least 10; 12 takes about a quarter of a second. */
const PASSWORD_COST = 12
/** 18 random bytes are 24 characters of base64url: 144 bits. */
const PASSWORD_BYTES = 18
const PROVISION_TIMEOUT_MS = 120_000
/** Removal waits this long for others to leave the schema's tables. */
const REMOVE_LOCK_TIMEOUT_MS = 5_000

export type NewTenantInput = Omit<z.output<typeof CreateTenant>, 'environmentId'>

/** What the history keeps of a creation, so that a failed one can be tried again with the same values. */
const CreationNote = z.object({
  adminFirstName: z.string().default('Admin'),
  adminLastName: z.string().default('User'),
})

interface Admin {
  firstName: string
  lastName: string
}

interface Work {
  db: WriteDb
  job: JobControl
  who: string
  signal: AbortSignal
}

/** One build on its way. */
interface Run {
  session: DbSession<'registry'>
  work: Work
  steps: Steps
}

export interface ProvisionReport {
  tenant: TenantRow
  adminEmail: string
  passwordTicket: string
  steps: { name: string; durationMs: number }[]
}

export interface RemovalReport {
  slug: string
  schemaDropped: boolean
  tables: number
  rowsEstimate: string
}

/** `tenant_<slug with _ for ->_<first 8 hex of the id>`, as DOMAIN fixes it; at most 56 bytes for the longest slug. */
export const schemaName = (slug: string, id: string): string => `tenant_${slug.replaceAll('-', '_')}_${id.slice(0, 8)}`

/**
 * Builds and removes tenants. A tenant is reserved in the registry first, so that everybody sees it; everything else (schema,
 * migrations, default data, administrator, ledgers, status) is one transaction. It exists as a whole or not at all.
 */
export class ProvisioningService {
  private readonly migrations: Pick<MigrationService, 'migrateNewTenant'>
  private readonly passwordCost: number

  constructor(migrations: Pick<MigrationService, 'migrateNewTenant'>, passwordCost: number = PASSWORD_COST) {
    this.migrations = migrations
    this.passwordCost = passwordCost
  }

  async create(work: Work, input: NewTenantInput): Promise<ProvisionReport> {
    const id = newId()
    const databaseSchema = schemaName(input.slug, id)
    const admin = { firstName: input.adminFirstName, lastName: input.adminLastName }
    return await work.db.session(session =>
      withTenantLock(session.connection, id, async () => {
        const steps = new Steps(work.job)
        await steps.run('Reserve the name', () => this.reserve(session, work, { input, id, databaseSchema }))
        return await this.buildOrFail({ session, work, steps }, { id, admin, isNew: true })
      }),
    )
  }

  async retry(work: Work, tenantId: string): Promise<ProvisionReport> {
    return await work.db.session(session =>
      withTenantLock(session.connection, tenantId, async () => {
        const steps = new Steps(work.job)
        const note = await steps.run('Check what failed', () =>
          session.write(async tx => {
            await requireFailed(await repository.lockTenant(tx, tenantId))
            if (await repository.wasCloned(tx, tenantId)) throw clonedTenant()
            await repository.changeTenant(tx, tenantId, { status: 'provisioning' })
            return CreationNote.safeParse(await repository.creationInput(tx, tenantId)).data
          }),
        )
        const admin = { firstName: note?.adminFirstName ?? 'Admin', lastName: note?.adminLastName ?? 'User' }
        return await this.buildOrFail({ session, work, steps }, { id: tenantId, admin, isNew: false })
      }),
    )
  }

  /** Removes what a failed provisioning left: the reservation, and a schema if there is one. */
  async cleanUp(work: Work, tenantId: string): Promise<RemovalReport> {
    return await this.remove(work, tenantId, { action: 'tenant.cleanUp', check: requireFailed })
  }

  async delete(work: Work, tenantId: string, reason: string | undefined): Promise<RemovalReport> {
    return await this.remove(work, tenantId, { action: 'tenant.delete', reason, check: async () => undefined })
  }

  private async reserve(
    session: DbSession<'registry'>,
    work: Work,
    tenant: { input: NewTenantInput; id: string; databaseSchema: string },
  ): Promise<void> {
    const { input, id, databaseSchema } = tenant
    try {
      await session.write(async tx => {
        await requireRegistry(tx)
        const { name, slug, adminEmail, settings } = input
        const description = input.description ?? null
        await repository.insertTenant(tx, { id, name, slug, databaseSchema, adminEmail, description, settings })
        await repository.addAudit(tx, {
          who: work.who,
          action: 'tenant.create',
          tenantId: id,
          slug,
          after: { ...input, description, databaseSchema },
        })
      })
    } catch (error) {
      throw asSlugConflict(error, input.slug)
    }
  }

  private async buildOrFail(run: Run, tenant: { id: string; admin: Admin; isNew: boolean }): Promise<ProvisionReport> {
    const password = randomBytes(PASSWORD_BYTES).toString('base64url')
    const report = (row: TenantRow): ProvisionReport => ({
      tenant: row,
      adminEmail: row.adminEmail,
      passwordTicket: run.work.job.oneTimeSecret(password),
      steps: run.steps.done,
    })
    try {
      return report(await this.build(run, { ...tenant, password }))
    } catch (error) {
      const isCancelled = run.work.signal.aborted
      const built = await this.settle(run.work, { ...tenant, error: toAppError(error, { isCancelled }), isCancelled })
      if (built === undefined) throw error
      run.work.job.log('The connection was lost while the server answered; the tenant had been built.')
      return report(built)
    }
  }

  private async build(run: Run, tenant: { id: string; admin: Admin; password: string }): Promise<TenantRow> {
    const { session, work, steps } = run
    const { id, admin, password } = tenant
    const passwordHash = await steps.run('Hash the one-time password', () => hash(password, this.passwordCost))
    return await session.write(
      async tx => {
        const row = await repository.lockTenant(tx, id)
        const schema = row.databaseSchema
        await steps.run('Create the schema', () => tx.script(facts.createSchemaSql(schema)))
        await steps.run('Apply migrations', () =>
          this.migrations.migrateNewTenant(tx, { tenantId: id, schema, who: work.who }),
        )
        await steps.run('Write default data and administrator', () =>
          tx.inSchema('tenant', schema, async inner => {
            const user = { ...admin, email: row.adminEmail, passwordHash, adminRole: 'admin' as const }
            await inner.run(defaultData(user, organizationOf(row)))
          }),
        )
        await repository.changeTenant(tx, id, { status: 'active' })
        await repository.addAudit(tx, { who: work.who, action: 'tenant.activate', tenantId: id, slug: row.slug })
        return await repository.lockTenant(tx, id)
      },
      { statementTimeoutMs: PROVISION_TIMEOUT_MS },
    )
  }

  /**
   * Writes down how a build ended that did not answer well: on another connection, free of the cancel that may have caused it.
   * A cancelled creation leaves nothing but its history; a failed one stays as `failed`. Resolves to the tenant when it is there
   * after all: the connection may break after COMMIT and before its answer. When even this fails (server gone), the row still says
   * `provisioning` and its lock is gone with the connection, which every reader takes as failed.
   */
  private async settle(
    work: Work,
    outcome: { id: string; error: AppError; isNew: boolean; isCancelled: boolean },
  ): Promise<TenantRow | undefined> {
    const { id, error, isNew, isCancelled } = outcome
    try {
      return await work.db.afterCancel().write(async tx => {
        const row = await repository.lockTenant(tx, id)
        if (row.status === 'active') return row
        const note = { who: work.who, tenantId: id, slug: row.slug }
        if (isCancelled && isNew) {
          await repository.removeTenant(tx, id)
          await repository.addAudit(tx, { ...note, action: 'tenant.cancel' })
          return undefined
        }
        const { code, message, hint = null, id: errorId } = error
        await repository.changeTenant(tx, id, { status: 'failed' })
        await repository.addAudit(tx, { ...note, action: 'tenant.fail', after: { code, message, hint, errorId } })
        return undefined
      })
    } catch {
      work.job.log(
        'The outcome could not be written to the registry; the tenant shows as failed and can be cleaned up.',
      )
      return undefined
    }
  }

  private async remove(
    work: Work,
    tenantId: string,
    request: { action: string; reason?: string | undefined; check: (tenant: TenantRow) => Promise<void> },
  ): Promise<RemovalReport> {
    return await work.db.session(session =>
      withTenantLock(session.connection, tenantId, async () => {
        const steps = new Steps(work.job)
        return await session.write(
          async tx => {
            const tenant = await repository.lockTenant(tx, tenantId)
            await request.check(tenant)
            const extent = await steps.run('Count what will be lost', () => facts.readExtent(tx, tenant))
            const schemaDropped = await facts.schemaExists(tx, tenant.databaseSchema)
            await steps.run('Drop the schema', () => tx.script(facts.dropSchemaSql(tenant.databaseSchema)))
            await steps.run('Remove it from the registry', async () => {
              await repository.addAudit(tx, {
                who: work.who,
                action: request.action,
                tenantId,
                slug: tenant.slug,
                before: { ...tenant, ...extent },
                reason: request.reason,
              })
              await repository.removeTenant(tx, tenantId)
            })
            const { tables, rowsEstimate } = extent
            return { slug: tenant.slug, schemaDropped, tables, rowsEstimate }
          },
          { lockTimeoutMs: REMOVE_LOCK_TIMEOUT_MS, statementTimeoutMs: PROVISION_TIMEOUT_MS },
        )
      }),
    )
  }
}

/** Steps of a job, with their durations kept for the report. */
class Steps {
  readonly done: { name: string; durationMs: number }[] = []
  private readonly job: JobControl

  constructor(job: JobControl) {
    this.job = job
  }

  async run<T>(name: string, work: () => Promise<T>): Promise<T> {
    const started = performance.now()
    const result = await this.job.step(name, work)
    this.done.push({ name, durationMs: Math.round((performance.now() - started) * 10) / 10 })
    return result
  }
}

const clonedTenant = (): AppError =>
  new AppError('CONFLICT', 'This tenant was to be made from an archive; building it anew would make an empty one.', {
    hint: 'Clean it up, then restore the archive as a new tenant again.',
  })

/** Whoever holds the lock sees its own row as `provisioning`, also when the process that wrote that is gone. */
async function requireFailed(tenant: TenantRow): Promise<void> {
  if (tenant.status === 'failed' || tenant.status === 'provisioning') return
  throw new AppError('CONFLICT', `The tenant is ${tenant.status}; only a failed one can be built again or cleaned up.`)
}

const Organization = z.object({
  country: z.string().optional().catch(undefined),
  currency: z.string().optional().catch(undefined),
  financialYear: z.string().optional().catch(undefined),
  timezone: z.string().optional().catch(undefined),
})

const organizationOf = (tenant: TenantRow) => Organization.parse(tenant.settings)

/** Says by the slug's field that it is taken, where that is what the error says. */
export function asSlugConflict(error: unknown, slug: string): unknown {
  const failure = toAppError(error)
  const isTaken = isAppError(failure) && failure.code === 'CONFLICT'
  if (!isTaken) return failure
  return new AppError('CONFLICT', `The slug ${slug} is taken.`, {
    hint: 'Choose another slug; deleted tenants give theirs back.',
    details: { fields: { slug: 'This slug is taken' } },
    cause: failure.cause,
  })
}
