import type { Environment } from '#shared/contract/environment.model.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'

/** Routes as a person bookmarks them; a change of one breaks bookmarks. */

export const tenantsOf = (environment: Environment): string => `/e/${environment.id}/tenants`
export const tenantAt = (environment: Environment, tenant: TenantRow, tab?: string): string =>
  `${tenantsOf(environment)}/${tenant.id}${tab === undefined ? '' : `?tab=${tab}`}`
export const dataOf = (environment: Environment, tenant: TenantRow, table?: string): string =>
  ['', 'e', environment.id, 'data', tenant.id, ...(table === undefined ? [] : [table])].join('/')
export const healthOf = (environment: Environment): string => `/e/${environment.id}/health`
export const backupsOf = (environment: Environment, tab?: string): string =>
  `/e/${environment.id}/backups${tab === undefined ? '' : `?tab=${tab}`}`
export const archiveAt = (environment: Environment, tenant: TenantRow, archive: string): string =>
  `/e/${environment.id}/backups/${tenant.id}/archive?${new URLSearchParams({ archive })}`
export const restorePlanAt = (environment: Environment, tenant: TenantRow, archive: string): string =>
  `/e/${environment.id}/backups/${tenant.id}/restore?${new URLSearchParams({ archive })}`
