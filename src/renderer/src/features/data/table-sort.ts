import type { DataColumn } from '#shared/contract/data.ts'
import type { GridSort } from '../../components/grid/types.ts'

/** The sort that an address asks for; undefined for the primary key's order. */
export function readSort(params: URLSearchParams): GridSort | undefined {
  const key = params.get('sort')
  if (key === null || key === '') return undefined
  return { key, direction: params.get('dir') === 'desc' ? 'desc' : 'asc' }
}

/** A column is sorted upwards, then downwards, then no more. */
export function nextSort(sort: GridSort | undefined, key: string): GridSort | undefined {
  if (sort?.key !== key) return { key, direction: 'asc' }
  return sort.direction === 'asc' ? { key, direction: 'desc' } : undefined
}

/** As an address holds it. */
export const sortParams = (sort: GridSort | undefined) => ({
  sort: sort?.key,
  dir: sort?.direction === 'desc' ? 'desc' : undefined,
})

/** The order that nobody chose, where one column says it. */
export function keyOrder(columns: readonly Pick<DataColumn, 'name' | 'isPrimaryKey'>[]): GridSort | undefined {
  const [key, ...more] = columns.filter(column => column.isPrimaryKey)
  return key === undefined || more.length > 0 ? undefined : { key: key.name, direction: 'asc' }
}
