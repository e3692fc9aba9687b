import { makeRows } from '../../scripts/demo/bulk.ts'
import { encodeCursor } from '../../src/main/connections/postgres/cursor.ts'
import { connectClient } from '../../src/main/connections/postgres/pool.ts'
import type { TestConsole } from '../../src/main/testing/test-console.ts'
import type { InputOf, OutputOf } from '../../src/shared/contract/index.ts'
import { note, report } from '../lib/figure.ts'
import { interleaved, timed } from '../lib/measure.ts'
import { recordQueries, replay, type SentQuery } from '../lib/recorded-queries.ts'
import { createFleet } from './fleet.ts'

const ROWS = 1_000_000
const DEEP = 900_000
const TABLE = 'audit_logs'
/** An indexed column outside of the key. */
const SORT = 'created_at'
const ROUNDS = { rounds: 41, warmUp: 10 }
const MILLISECONDS = 30
const RATIO = 1.5

type PageInput = InputOf<'data.page'>
type Page = OutputOf<'data.page'>

/** First pages and pages behind row 900,000 of a million, by primary key and by another indexed column. */
export async function pageTable(): Promise<void> {
  await using fleet = await createFleet()
  const tenant = await fleet.createTenant('large')
  note(`writing ${ROWS} rows`)
  await makeRows(fleet.database.client, tenant.databaseSchema, ROWS)
  const target = { environmentId: fleet.environment.id, tenantId: tenant.id, table: TABLE }
  const deepCursor = (sort?: string) => cursorAfter(fleet, tenant.databaseSchema, sort)
  const pages: Record<string, PageInput> = {
    first: target,
    deep: { ...target, cursor: await deepCursor() },
    firstSorted: { ...target, sort: SORT },
    deepSorted: { ...target, sort: SORT, cursor: await deepCursor(SORT) },
  }
  await requireDeep(await read(fleet, pages.deepSorted ?? target))

  const times = await measure(fleet, pages)
  const limits = { ours: MILLISECONDS }
  report('page.first', 'ms', { ...pair(times, 'first'), target: limits })
  report('page.deep', 'ms', { ...pair(times, 'deep'), target: limits })
  report('page.deep-to-first', 'ms', {
    ours: times.deep ?? 0,
    yardstick: times.first ?? 0,
    target: { ratio: RATIO },
  })
  report('page.first.sorted', 'ms', { ...pair(times, 'firstSorted'), target: limits })
  report('page.deep.sorted', 'ms', { ...pair(times, 'deepSorted'), target: limits })
}

/** All pages side by side, each through the kernel and as the same queries over a bare connection. */
async function measure(fleet: TestConsole, pages: Record<string, PageInput>): Promise<Record<string, number>> {
  const bare = await connectClient(fleet.database.settings, fleet.database.password)
  const samples: Record<string, () => Promise<number>> = {}
  for (const [name, input] of Object.entries(pages)) {
    const queries: SentQuery[] = await recordQueries(() => read(fleet, input))
    samples[name] = () => timed(() => read(fleet, input))
    samples[`${name} bare`] = () => timed(() => replay(bare, queries))
  }
  const times = await interleaved(samples, ROUNDS)
  await bare.end()
  return times
}

const read = ({ client }: TestConsole, input: PageInput): Promise<Page> => client.call('data.page', input)

const pair = (times: Record<string, number>, name: string) => ({
  ours: times[name] ?? Number.NaN,
  yardstick: times[`${name} bare`] ?? Number.NaN,
})

/** The cursor that the page ending at row 900,000 gives out: 900 pages before it need not be read for that. */
async function cursorAfter(fleet: TestConsole, schema: string, sort: string | undefined): Promise<string> {
  const { client } = fleet.database
  const order = sort === undefined ? ['id'] : [sort, 'id']
  const parts = order.map(column => `${column}::text`).join(', ')
  await client.query(`set timezone to 'UTC'`)
  const found = await client.query<{ key: string[] }>(
    `select array[${parts}] as key from "${schema}".${TABLE} order by ${order.join(', ')} offset $1 limit 1`,
    [DEEP - 1],
  )
  return encodeCursor(found.rows[0]?.key ?? [])
}

/** Rows are numbered in the order of their times, so the deep page must begin with this one. */
async function requireDeep({ columns, rows }: Page): Promise<void> {
  const position = columns.findIndex(column => column.name === 'changes')
  const cell = rows[0]?.[position]
  if (typeof cell === 'string' && JSON.parse(cell).number === DEEP + 1) return
  throw new Error(`The deep page does not begin behind row ${DEEP}: ${JSON.stringify(cell)}`)
}
