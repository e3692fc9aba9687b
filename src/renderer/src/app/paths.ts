/** Every address of the console. */

const encode = encodeURIComponent

export const paths = {
  start: '/',
  environments: '/environments',
  newEnvironment: '/environments/new',
  importEnvironment: '/environments/import',
  editEnvironment: (id: string) => `/environments/${id}`,
  tenants: (environmentId: string) => `/e/${environmentId}/tenants`,
  tenant: (environmentId: string, tenantId: string, tab?: string) =>
    `/e/${environmentId}/tenants/${tenantId}${tab === undefined ? '' : `?tab=${tab}`}`,
  data: (environmentId: string, tenantId?: string, table?: string) =>
    ['', 'e', environmentId, 'data', tenantId, table === undefined ? undefined : encode(table)]
      .filter(part => part !== undefined)
      .join('/'),
  health: (environmentId: string) => `/e/${environmentId}/health`,
  audit: '/audit',
  jobs: '/jobs',
  job: (id: string) => `/jobs/${id}`,
}
