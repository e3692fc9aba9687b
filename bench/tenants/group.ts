import type { Measurement } from '../lib/measurement.ts'
import { listTenants } from './list.ts'
import { pageTable } from './page.ts'
import { provisionHash, provisionMany, provisionOne } from './provision.ts'
import { startWeb } from './start.ts'

export const TENANTS: readonly Measurement[] = [
  { names: ['provision.one'], run: provisionOne },
  { names: ['provision.hash'], run: provisionHash },
  { names: ['provision.200x2'], run: provisionMany },
  { names: ['list.2000', 'list.2000.queries'], run: listTenants },
  {
    names: ['page.first', 'page.deep', 'page.deep-to-first', 'page.first.sorted', 'page.deep.sorted'],
    run: pageTable,
  },
  { names: ['start.web', 'bundle.first-load', 'bundle.first-load.linked'], run: startWeb },
]
