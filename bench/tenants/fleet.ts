import { generateTenantData } from '../../scripts/demo/generate.ts'
import { loadTenantData } from '../../scripts/demo/load.ts'
import { createTestConsole, type TestConsole } from '../../src/main/testing/test-console.ts'

/** bcrypt's least: about a millisecond instead of a core for a quarter of a second. It stays in our time. */
export const LEAST_PASSWORD_COST = 4

const WORKERS = 2
/** People in each tenant that `fillTenants` fills: the size of the demo's largest. */
const EMPLOYEES = 145
const MONTHS = 3

/** Slugs whose order by name is their order by number. */
export const slugs = (prefix: string, count: number, from = 1): string[] =>
  Array.from({ length: count }, (_, index) => `${prefix}-${String(from + index).padStart(4, '0')}`)

/** Provisions tenants through the kernel, so many at a time. */
export async function provisionAll(console: TestConsole, wanted: readonly string[], workers = WORKERS): Promise<void> {
  const waiting = wanted.values()
  const work = async () => {
    for (const slug of waiting) await console.createTenant(slug)
  }
  await Promise.all(Array.from({ length: workers }, work))
}

/** A console over a database of its own, to which tenants can be added. */
export const createFleet = (): Promise<TestConsole> => createTestConsole({ passwordCost: LEAST_PASSWORD_COST })

/** Gives the first tenants by name people, pay and leave, so that facts have something to count. */
export async function fillTenants({ database }: TestConsole, count: number): Promise<void> {
  const data = generateTenantData({ seed: 'bench', employees: EMPLOYEES, months: MONTHS, asOf: '2026-06-30' })
  const found = await database.client.query<{ schema: string }>(
    'select database_schema as schema from tenants order by name, id limit $1',
    [count],
  )
  for (const { schema } of found.rows) await loadTenantData(database.client, schema, data)
}
