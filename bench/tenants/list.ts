import { connectClient } from '../../src/main/connections/postgres/pool.ts'
import type { TestConsole } from '../../src/main/testing/test-console.ts'
import { note, report } from '../lib/figure.ts'
import { interleaved, timed } from '../lib/measure.ts'
import { recordQueries, replay } from '../lib/recorded-queries.ts'
import { createFleet, fillTenants, provisionAll, slugs } from './fleet.ts'

const FEW = 20
const MANY = 2_000
const PAGE = 50
const ROUNDS = { rounds: 41, warmUp: 10 }

/** The first page of the tenant list with all its facts, and how many queries it takes with few and with many tenants. */
export async function listTenants(): Promise<void> {
  await using fleet = await createFleet()
  await provisionAll(fleet, slugs('tenant', FEW))
  const few = await countQueries(fleet, FEW)
  note(`provisioning ${MANY - FEW} more tenants`)
  await provisionAll(fleet, slugs('tenant', MANY - FEW, FEW + 1))
  await fillTenants(fleet, PAGE)
  const many = await countQueries(fleet, PAGE)
  report('list.2000.queries', 'queries', { ours: many, yardstick: few, target: { ratio: 1 } })

  const { settings, password } = fleet.database
  const bare = await connectClient(settings, password)
  const queries = await recordQueries(() => firstPage(fleet))
  const times = await interleaved(
    { ours: () => timed(() => firstPage(fleet)), yardstick: () => timed(() => replay(bare, queries)) },
    ROUNDS,
  )
  await bare.end()
  report('list.2000', 'ms', { ...times, target: { ours: 50 } })
}

const firstPage = ({ client, environment }: TestConsole) =>
  client.call('tenants.list', { environmentId: environment.id, limit: PAGE })

/** Round trips to PostgreSQL that the first page takes. Fails when the page is not what it should be. */
async function countQueries(fleet: TestConsole, rows: number): Promise<number> {
  await firstPage(fleet)
  const { items, factsProblem } = await firstPage(fleet)
  const isComplete = items.every(({ facts }) => facts.employees !== null && facts.sizeBytes !== null)
  if (items.length !== rows || !isComplete) throw new Error(`The list is not complete: ${factsProblem ?? items.length}`)
  return (await recordQueries(() => firstPage(fleet))).length
}
