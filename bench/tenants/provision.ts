import { hash } from '@node-rs/bcrypt'
import { createTestConsole, type TestConsole } from '../../src/main/testing/test-console.ts'
import { report } from '../lib/figure.ts'
import { interleaved, timed } from '../lib/measure.ts'
import { PsqlSession } from '../lib/psql.ts'
import { createFleet, provisionAll, slugs } from './fleet.ts'
import { loadTenantMigrations, seedScript } from './seed-script.ts'

const DEFAULT_PASSWORD_COST = 12
const HASH_STEP = 'Hash the one-time password'

const TENANTS = 200
const WORKERS = 2

/** Ours and psql's tenants in databases of their own, which grow alike. */
export async function provisionOne(): Promise<void> {
  const migrations = await loadTenantMigrations()
  await using ours = await createFleet()
  await using theirs = await createTestConsole()
  const psql = await PsqlSession.open(theirs.database.url)
  let count = 0
  const times = await interleaved(
    {
      ours: () => timed(() => ours.createTenant(`ours-${++count}`)),
      yardstick: () => {
        const script = seedScript(`psql-${++count}`, migrations)
        return timed(() => psql.run(script))
      },
    },
    { rounds: 31, warmUp: 5 },
  )
  await psql.close()
  report('provision.one', 'ms', { ...times, target: { ratio: 1.5 } })
}

/** What provision.one leaves out: the hash at the cost that the console really uses, against bcrypt alone. */
export async function provisionHash(): Promise<void> {
  await using console = await createTestConsole()
  let count = 0
  const times = await interleaved(
    {
      ours: async () => {
        const { steps } = await provision(console, `hashed-${++count}`)
        return steps.find(step => step.name === HASH_STEP)?.durationMs ?? Number.NaN
      },
      yardstick: () => timed(() => hash('a password of 24 letters', DEFAULT_PASSWORD_COST)),
    },
    { rounds: 7, warmUp: 1 },
  )
  report('provision.hash', 'ms', times)
}

/** Fresh databases for every round, so that no side meets a larger catalog than the other. */
export async function provisionMany(): Promise<void> {
  const migrations = await loadTenantMigrations()
  const times = await interleaved(
    {
      ours: async () => {
        await using console = await createFleet()
        await settle(console)
        return await timed(() => provisionAll(console, slugs('ours', TENANTS), WORKERS))
      },
      yardstick: async () => {
        await using console = await createTestConsole()
        const sessions = await Promise.all(
          Array.from({ length: WORKERS }, () => PsqlSession.open(console.database.url)),
        )
        const scripts = slugs('psql', TENANTS).map(slug => seedScript(slug, migrations))
        const shares = sessions.map((_, worker) => scripts.filter((_, index) => index % WORKERS === worker).join('\n'))
        await settle(console)
        const duration = await timed(() =>
          Promise.all(sessions.map((session, worker) => session.run(shares[worker] ?? ''))),
        )
        await Promise.all(sessions.map(session => session.close()))
        return duration
      },
    },
    { rounds: 5, warmUp: 1 },
  )
  report('provision.200x2', 'ms', { ...times, target: { ratio: 1.3 } })
}

/** What earlier rounds left to write is written before the clock starts. */
const settle = (console: TestConsole) => console.database.client.query('checkpoint')

async function provision({ client, environment }: TestConsole, slug: string) {
  const input = { environmentId: environment.id, name: `Tenant ${slug}`, slug, adminEmail: `admin@${slug}.example` }
  return await client.runJob('tenants.create', input)
}
