import { TENANT_STATUSES, type TenantStatus } from '#shared/contract/tenant.model.ts'
import { TENANT_SORTS } from '#shared/contract/tenants.ts'
import type { GridSort } from '../../components/grid/types.ts'

export type TenantSort = (typeof TENANT_SORTS)[number]

export interface TenantView {
  search: string
  status: TenantStatus[]
  sort: GridSort & { key: TenantSort }
}

/** Reads what the list shows from its address; what makes no sense there is ignored. */
export function readTenantView(params: URLSearchParams): TenantView {
  const wanted = (params.get('status') ?? '').split(',')
  return {
    search: params.get('search') ?? '',
    status: TENANT_STATUSES.filter(status => wanted.includes(status)),
    sort: {
      key: TENANT_SORTS.find(sort => sort === params.get('sort')) ?? 'name',
      direction: params.get('dir') === 'desc' ? 'desc' : 'asc',
    },
  }
}

/** Times start with the latest, names with the first. */
const firstDirection = (key: string): 'asc' | 'desc' => (key.endsWith('At') ? 'desc' : 'asc')

/** The sort after a click on a column: the other way round, or the column's own first way. */
export function nextSort(sort: GridSort, key: string): GridSort {
  if (sort.key !== key) return { key, direction: firstDirection(key) }
  return { key, direction: sort.direction === 'asc' ? 'desc' : 'asc' }
}
