import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { OutputOf } from '#shared/contract/index.ts'
import { ensureBuilt } from '../lib/build.ts'
import { projectFolder } from '../lib/install.mjs'
import { execute } from '../services/runtime/execute.ts'
import { isAlive, type ProcessRecord } from '../services/runtime/process-identity.ts'
import { readState } from '../services/runtime/state.ts'
import { waitFor } from '../services/runtime/wait.ts'

/** Generous: the machine may be busy with other suites. */
const PATIENCE_MS = 60_000
const TIMEOUT = { timeout: 2 * PATIENCE_MS }
const PEOPLE = { 'acme-corp': 145, 'northwind-logistics': 42, 'tiny-bakery': 6 }

interface Quickstart {
  child: ChildProcess
  said: () => string
  address: () => string
  ended: Promise<number>
}

let home: string
let environment: NodeJS.ProcessEnv
const running = new Set<ChildProcess>()

beforeAll(async () => {
  home = await mkdtemp(join(tmpdir(), 'tenantry-quickstart-'))
  // As root the servers run as another user.
  await chmod(home, 0o755)
  environment = { ...process.env, TENANTRY_DEMO_HOME: join(home, 'demo') }
  // Before the first start, so that its seconds are not the builder's.
  await ensureBuilt()
}, PATIENCE_MS)

afterEach(() => {
  for (const child of running) child.kill('SIGKILL')
})
afterAll(() => rm(home, { recursive: true, force: true }))

function quickstart(...options: string[]): Quickstart {
  const script = join(projectFolder, 'scripts', 'quickstart.mjs')
  const child = spawn(process.execPath, [script, '--no-open', '--postgres-only', ...options], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  running.add(child)
  let said = ''
  let address = ''
  child.stderr?.on('data', chunk => {
    said += chunk
  })
  child.stdout?.on('data', chunk => {
    address += chunk
  })
  const ended = once(child, 'close').then(([code, signal]) => {
    running.delete(child)
    return code ?? signal
  })
  return { child, said: () => said, address: () => address.trim(), ended }
}

const until = (what: string, probe: () => boolean): Promise<true> => waitFor(probe, { what, timeoutMs: PATIENCE_MS })

/** Everything that the present start has started, by its own record. */
function processes(): ProcessRecord[] {
  const folder = join(home, 'demo', 'runs')
  return readdirSync(folder).flatMap(name => readState(join(folder, name))?.processes ?? [])
}

/** The process that holds the demo: the one started here, or its child on the project's own Node. */
const ownerOf = (): number => JSON.parse(readFileSync(join(home, 'demo', 'owner.json'), 'utf8')).pid

/** The tenants and their people as the console's command line sees them. */
async function listTenants(): Promise<OutputOf<'tenants.list'>['items']> {
  const program = join(projectFolder, 'scripts', 'quickstart', 'demo-cli.ts')
  const text = await execute([process.execPath, program, 'tenants', 'list', '--json'], { env: environment })
  return (JSON.parse(text) as OutputOf<'tenants.list'>).items
}

async function countRows(schema: string): Promise<Record<string, number>> {
  const { environments } = JSON.parse(readFileSync(join(home, 'demo', 'console', 'environments.json'), 'utf8'))
  const { host, port, database, user } = environments[0].stores.postgres
  const client = new pg.Client({ host, port, database, user })
  await client.connect()
  try {
    const counts = ['payroll', 'leaves', 'approvals'].map(
      table => `(select count(*)::int from ${schema}.${table}) ${table}`,
    )
    return (await client.query<Record<string, number>>(`select ${counts.join(', ')}`)).rows[0] ?? {}
  } finally {
    await client.end()
  }
}

const summary = (tenants: Awaited<ReturnType<typeof listTenants>>) =>
  Object.fromEntries(tenants.map(({ slug, facts }) => [slug, facts.employees]))

test('the first start makes the demo, the second finds it, and Ctrl-C ends all that was started', TIMEOUT, async () => {
  const first = quickstart('--once')
  expect(await first.ended, first.said()).toBe(0)
  expect(first.said()).toContain('Demo data made: 3 tenants, 193 people')

  const second = quickstart()
  await until('the second start', () => second.said().includes('Ready after'))
  expect(second.said()).toContain('Demo data found')
  expect(second.address()).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]{43}$/)
  const tenants = await listTenants()
  expect(summary(tenants)).toEqual(PEOPLE)
  expect(Object.fromEntries(tenants.map(tenant => [tenant.slug, tenant.status]))).toEqual({
    'acme-corp': 'active',
    'northwind-logistics': 'suspended',
    'tiny-bakery': 'active',
  })
  expect(tenants.find(tenant => tenant.status === 'suspended')?.suspensionReason).toBe('Invoices unpaid for 90 days')
  const acme = await countRows(tenants.find(tenant => tenant.slug === 'acme-corp')?.databaseSchema ?? '')
  expect(acme.payroll).toBeGreaterThan(145 * 20)
  expect(acme.leaves).toBeGreaterThan(145)

  const third = quickstart()
  expect(await third.ended).toBe(1)
  expect(third.said()).toContain('The demo of this clone runs already')

  const started = processes()
  expect(started.map(record => record.name).sort()).toEqual(['console', 'postgres'])
  second.child.kill('SIGINT')
  expect(await second.ended).toBe(0)
  expect(started.filter(isAlive)).toEqual([])
  await expect(fetch(second.address())).rejects.toThrow()
  expect(readdirSync(join(home, 'demo', 'runs'))).toEqual([])
  expect(existsSync(join(home, 'demo', 'owner.json'))).toBe(false)
})

test(
  'a start that was killed while it made the demo leaves nothing running, and the next one makes it whole',
  TIMEOUT,
  async () => {
    const fresh = quickstart('--fresh', '--no-console')
    await until('PostgreSQL', () => /PostgreSQL \d+ .* started/.test(fresh.said()))
    const started = processes()
    expect(started).toHaveLength(1)
    process.kill(ownerOf(), 'SIGKILL')
    await fresh.ended
    await until('end of the servers', () => !started.some(isAlive))

    const next = quickstart('--no-console')
    await until('the next start', () => next.said().includes('Ready after'))
    expect(next.said()).toContain('Demo data made')
    expect(summary(await listTenants())).toEqual(PEOPLE)
    next.child.kill('SIGINT')
    expect(await next.ended).toBe(0)
  },
)

test('a folder that holds something else is left alone', TIMEOUT, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-quickstart-'))
  const precious = join(folder, 'precious.txt')
  await writeFile(precious, 'mine')
  environment = { ...environment, TENANTRY_DEMO_HOME: folder }
  const refused = quickstart('--fresh')
  expect(await refused.ended).toBe(1)
  expect(refused.said()).toContain('holds something else than a demo')
  expect(readFileSync(precious, 'utf8')).toBe('mine')
  expect(readdirSync(folder)).toEqual(['precious.txt'])
  await rm(folder, { recursive: true })
})
