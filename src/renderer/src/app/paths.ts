/** Every address of the console. */

/**
 * The router decodes an address once, but leaves `%2F` and other separators: encoded twice, every name comes through, also one
 * with a slash or a percent sign.
 */
const encodeName = (name: string): string => encodeURIComponent(encodeURIComponent(name))

/** The name in a part of an address that the router has decoded. */
export function decodeName(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    // Typed by hand; it is no name that we wrote.
    return part
  }
}

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
    ['', 'e', environmentId, 'data', tenantId, table === undefined ? undefined : encodeName(table)]
      .filter(part => part !== undefined)
      .join('/'),
  backups: (environmentId: string, tab?: string) =>
    `/e/${environmentId}/backups${tab === undefined ? '' : `?tab=${tab}`}`,
  archive: (environmentId: string, tenantId: string, view: { archive: string } & Record<string, string>) =>
    `/e/${environmentId}/backups/${tenantId}/archive?${new URLSearchParams(view)}`,
  restorePlan: (environmentId: string, tenantId: string, archive: string) =>
    `/e/${environmentId}/backups/${tenantId}/restore?${new URLSearchParams({ archive })}`,
  restore: (environmentId: string, tenantId: string, restoreId: string) =>
    `/e/${environmentId}/backups/${tenantId}/restore/${restoreId}`,
  health: (environmentId: string) => `/e/${environmentId}/health`,
  audit: '/audit',
  jobs: '/jobs',
  job: (id: string) => `/jobs/${id}`,
}
