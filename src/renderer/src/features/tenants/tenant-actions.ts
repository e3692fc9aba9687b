import type { TenantStatus } from '#shared/contract/tenant.model.ts'

export const TENANT_ACTIONS = ['retry', 'reactivate', 'suspend', 'archive', 'cleanUp', 'delete'] as const
export type TenantAction = (typeof TENANT_ACTIONS)[number]

/** What can be done to a tenant in a state, in the order of a menu; the destructive ones last. */
export function actionsFor(status: TenantStatus): readonly TenantAction[] {
  switch (status) {
    case 'active':
      return ['suspend', 'archive', 'delete']
    case 'suspended':
      return ['reactivate', 'archive', 'delete']
    case 'archived':
      return ['reactivate', 'delete']
    case 'failed':
      return ['retry', 'cleanUp']
    case 'provisioning':
    case 'restoring':
      return []
  }
}

/** Those that lose data are set apart from the others. */
export const isDestructive = (action: TenantAction): boolean => action === 'delete' || action === 'cleanUp'
