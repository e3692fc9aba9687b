import type { FleetContext, HandlersOf } from '../../kernel/context.ts'
import type { JobControl } from '../../kernel/jobs.ts'
import type { DeletionGuard } from './deletion-guard.ts'
import type { ProvisioningService } from './provisioning.service.ts'
import type { TenantService } from './tenant.service.ts'

export interface TenantHandlerDependencies {
  tenants: TenantService
  provisioning: ProvisioningService
  deletion: DeletionGuard
}

type JobContext = FleetContext<'write'> & { readonly job: JobControl }

const workOf = ({ registry, job, session, signal }: JobContext) => ({ db: registry, job, who: session.user, signal })

export function tenantsHandlers({ tenants, provisioning, deletion }: TenantHandlerDependencies): HandlersOf<'tenants'> {
  return {
    list: (query, { registry }) => tenants.list(registry, query),
    get: (_input, { registry, tenant }) => tenants.get(registry, tenant),
    history: (query, { registry }) => tenants.history(registry, query),
    create: ({ environmentId: _, ...input }, context) => provisioning.create(workOf(context), input),
    retry: ({ tenantId }, context) => provisioning.retry(workOf(context), tenantId),
    cleanUp: ({ tenantId }, context) => provisioning.cleanUp(workOf(context), tenantId),
    update: ({ tenantId, name, adminEmail, description, settings }, { registry, session }) => {
      const changes = { name, adminEmail, description, settings }
      return tenants.update(registry, tenantId, { changes, actor: { who: session.user } })
    },
    suspend: ({ tenantId, reason }, { registry, session }) =>
      tenants.suspend(registry, tenantId, { who: session.user, reason }),
    reactivate: ({ tenantId, reason }, { registry, session }) =>
      tenants.reactivate(registry, tenantId, { who: session.user, reason }),
    archive: ({ tenantId, reason }, { registry, session }) =>
      tenants.archive(registry, tenantId, { who: session.user, reason }),
    deletionPlan: (_input, { registry, tenant, environment, signal }) =>
      deletion.plan({ registry, tenant, environment, signal }),
    delete: async ({ tenantId, withoutBackup, confirmation }, context) => {
      await context.job.step('Look for a recent backup', () => deletion.requireBackup(context, withoutBackup))
      return await provisioning.delete(workOf(context), tenantId, confirmation?.reason)
    },
  }
}
