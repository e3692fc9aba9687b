import { existsSync } from 'node:fs'
import { type EnvironmentSecrets, STORES, type StoreName, type Stores } from '#shared/contract/environment.model.ts'
import { importVariables } from '#shared/environment-import.ts'
import { StepError } from '../lib/steps.mjs'
import { hasDocker } from '../services/docker/up.ts'
import { chooseStarter, type ServiceName } from '../services/index.ts'
import { rootObstacle, rootPath } from '../services/packages/debian-root.ts'
import { succeeds } from '../services/runtime/execute.ts'
import type { Run } from '../services/runtime/run.ts'

export interface StoreSet {
  stores: Stores
  secrets: EnvironmentSecrets
}

type Variables = Readonly<Record<string, string | undefined>>

const PREFIX = 'TENANTRY_DEMO_'
const MONGO_DATABASE = 'hrms'

/**
 * The stores that a person named for the demo. Only names with the prefix count: DATABASE_URL and AWS_* of a developer's shell
 * may well lead to a real system.
 * @throws StepError naming the variable that cannot be understood
 */
export function givenStores(variables: Variables): StoreSet {
  const named = Object.entries(variables).filter(([name]) => name.startsWith(PREFIX))
  const { stores, secrets, problems } = importVariables(
    Object.fromEntries(named.map(([name, value]) => [name.slice(PREFIX.length), value])),
  )
  const [problem] = problems
  if (problem !== undefined) throw new StepError(`${PREFIX}${problem}`, 'Correct the variable, or remove it.')
  return { stores, secrets }
}

interface Startable {
  store: StoreName
  service: ServiceName
  title: string
}

const MONGO: Startable = { store: 'mongo', service: 'mongo', title: 'MongoDB' }
const REDIS: Startable = { store: 'redis', service: 'redis', title: 'Redis' }
const BUCKET: Startable = { store: 'backup', service: 's3', title: 'an S3 bucket' }

export interface OtherStores extends StoreSet {
  /** What was left out and why, in whole sentences. */
  notes: string[]
}

/**
 * Starts those of MongoDB, Redis and S3 that nobody named and this machine can have: in containers where a docker engine runs,
 * otherwise from Debian packages. What cannot be had is left out with a sentence; this never rejects.
 */
export async function startOtherStores(run: Run, given: Stores): Promise<OtherStores> {
  const isDocker = await hasDocker()
  // Without docker S3 would keep its objects in memory only, and a demo shall find its backups again: a folder serves better.
  const wanted = [MONGO, REDIS, ...(isDocker ? [BUCKET] : [])].filter(one => given[one.store] === undefined)
  const startable = isDocker || rootObstacle() === undefined ? wanted : await withoutPackages(wanted)
  const outcome = await startEach(run, startable)
  const absent = wanted.filter(one => !startable.includes(one)).map(one => one.title)
  return { ...asStores(outcome.variables), notes: [...absenceNote(absent), ...outcome.notes] }
}

/** Whether the first start of these stores on this machine is yet to come. */
export const mustDownload = (): boolean => rootObstacle() === undefined && !existsSync(rootPath())

/** What runs from the programs of this machine alone. */
async function withoutPackages(wanted: readonly Startable[]): Promise<Startable[]> {
  const hasRedis = await succeeds(['redis-server', '--version'])
  return wanted.filter(one => one === REDIS && hasRedis)
}

function absenceNote(titles: readonly string[]): string[] {
  if (titles.length === 0) return []
  const verb = titles.length === 1 ? 'is' : 'are'
  const reason = existsSync('/etc/debian_version') ? 'only root can unpack Debian’s servers' : 'this is not Debian'
  return [`${list(titles)} ${verb} left out: no docker engine runs, and ${reason}.`]
}

interface Outcome {
  variables: Record<string, string>
  notes: string[]
}

async function startEach(run: Run, startable: readonly Startable[]): Promise<Outcome> {
  if (startable.length === 0) return { variables: {}, notes: [] }
  const services = startable.map(one => one.service)
  let start: Awaited<ReturnType<typeof chooseStarter>>
  try {
    start = await chooseStarter(run, services)
  } catch (error) {
    return { variables: {}, notes: startable.map(one => leftOut(one, error)) }
  }
  const results = await Promise.allSettled(services.map(service => start(service)))
  const outcome: Outcome = { variables: {}, notes: [] }
  for (const [index, one] of startable.entries()) {
    const result = results[index]
    if (result?.status === 'fulfilled') Object.assign(outcome.variables, result.value)
    else outcome.notes.push(leftOut(one, result?.reason))
  }
  return outcome
}

function leftOut({ title }: Startable, error: unknown): string {
  // What follows the first sentence tells developers of the tests what to do.
  const [reason = ''] = (error instanceof Error ? error.message : String(error)).split(/\.?\n|\. /)
  return `${title} is left out. ${reason}.`
}

/** From the variables of the test services to settings, by the way every import goes. */
function asStores(variables: Variables): StoreSet {
  const { stores, secrets } = importVariables({
    MONGODB_URI: variables.TENANTRY_TEST_MONGO_URL,
    MONGODB_DATABASE: MONGO_DATABASE,
    REDIS_URL: variables.TENANTRY_TEST_REDIS_URL,
    S3_ENDPOINT: variables.TENANTRY_TEST_S3_ENDPOINT,
    S3_BUCKET: variables.TENANTRY_TEST_S3_BUCKET,
    AWS_REGION: variables.TENANTRY_TEST_S3_REGION,
    AWS_ACCESS_KEY_ID: variables.TENANTRY_TEST_S3_ACCESS_KEY,
    AWS_SECRET_ACCESS_KEY: variables.TENANTRY_TEST_S3_SECRET_KEY,
  })
  return { stores, secrets }
}

const TITLES = { postgres: 'PostgreSQL', mongo: 'MongoDB', redis: 'Redis', backup: 'S3' } as const satisfies Record<
  StoreName,
  string
>

/** "MongoDB and Redis"; empty where there is none. */
export function titlesOf(stores: Stores): string {
  const names = STORES.filter(store => stores[store] !== undefined).map(store => TITLES[store])
  return list(names)
}

const list = (names: readonly string[]): string => new Intl.ListFormat('en').format(names)
