import { setTimeout as after } from 'node:timers/promises'
import { type Environment, type EnvironmentSecrets, STORES } from '#shared/contract/environment.model.ts'
import type { HandedSecret } from '../../src/main/handed-secrets.ts'
import { done, note, step } from '../lib/steps.mjs'
import type { Run } from '../services/runtime/run.ts'
import type { DemoFolder } from './demo-folder.ts'
import { DemoKernel } from './demo-kernel.ts'
import { mergeStores } from './environment.ts'
import type { QuickstartOptions } from './options.ts'
import { givenStores, type OtherStores, type StoreSet, startOtherStores, titlesOf } from './other-stores.ts'
import { startDemoPostgres } from './postgres.ts'

export interface Start {
  options: QuickstartOptions
  signal: AbortSignal
  demo: DemoFolder
  run: Run
}

/** Its stores run, its environment is registered, its tenants are there. */
export interface DemoSystem {
  environment: Environment
  /** What a console must be handed. */
  secrets: HandedSecret[]
  /** Set where stores are still being prepared; never rejects. */
  late: Promise<OtherStores> | undefined
}

/** Stores whose programs are here already are ready by then; a download is not waited for. In ms. */
const PATIENCE_MS = 5_000

export async function startDemoSystem(start: Start, others: Promise<OtherStores> | undefined): Promise<DemoSystem> {
  const { demo, run, signal, options } = start
  const given = givenStores(process.env)
  const folder: StoreSet = { stores: { backup: { kind: 'folder', path: demo.backups } }, secrets: {} }
  const own = given.stores.postgres === undefined ? await startPostgres(run) : given
  const found = mergeStores(folder, own, given)
  signal.throwIfAborted()
  await using kernel = await DemoKernel.open(demo)
  const environment = await kernel.register(found)
  await step('Make demo data', async report => {
    const seeded = await kernel.seedOnce(environment, found.secrets.postgres, signal)
    report(
      seeded === undefined ? 'Demo data found' : `Demo data made: ${seeded.tenants} tenants, ${seeded.people} people`,
    )
  })
  const ready = others && (await (options.isOnce ? others : inTime(others, signal)))
  const all = ready === undefined ? found : mergeStores(found, ready)
  const secrets = handed(environment, all.secrets)
  await demo.keepSecrets(secrets.filter(({ store }) => given.secrets[store] === undefined))
  if (ready === undefined) return { environment, secrets, late: others }
  return { environment: await kernel.register(all), secrets, late: undefined }
}

/** Adds stores that were ready only after the console had been opened. */
export async function joinLate(
  { demo, signal }: Start,
  { environment, secrets, late }: DemoSystem,
  handOver: (secrets: HandedSecret[]) => void,
): Promise<void> {
  const ready = await late
  if (ready === undefined || signal.aborted || titlesOf(ready.stores) === '') return
  // Before the settings: whoever reads them looks for the secrets at once.
  handOver(handed(environment, ready.secrets))
  await demo.keepSecrets([...secrets, ...handed(environment, ready.secrets)])
  await using kernel = await DemoKernel.open(demo)
  await kernel.register(ready)
  note(`${titlesOf(ready.stores)} joined the environment ${environment.name}.`)
}

/** Begins to start them, and says what came of it. Never rejects. */
export async function startOthers({ run }: Pick<Start, 'run'>): Promise<OtherStores> {
  const began = performance.now()
  const others = await startOtherStores(run, givenStores(process.env).stores)
  const titles = titlesOf(others.stores)
  if (titles !== '') done(`${titles} started`, performance.now() - began)
  for (const sentence of others.notes) note(sentence)
  return others
}

async function startPostgres(run: Run): Promise<StoreSet> {
  return await step('Start PostgreSQL', async report => {
    const { settings, secret, title } = await startDemoPostgres(run)
    report(`${title} started`)
    return { stores: { postgres: settings }, secrets: secret === undefined ? {} : { postgres: secret } }
  })
}

async function inTime(others: Promise<OtherStores>, signal: AbortSignal): Promise<OtherStores | undefined> {
  const ready = await Promise.race([others, after(PATIENCE_MS, undefined, { signal, ref: false })])
  if (ready === undefined) note('The other stores are still being prepared; they join when they are ready.')
  return ready
}

function handed(environment: Environment, secrets: EnvironmentSecrets): HandedSecret[] {
  return STORES.flatMap(store => {
    const secret = secrets[store]
    return secret === undefined ? [] : [{ environmentId: environment.id, store, secret }]
  })
}
