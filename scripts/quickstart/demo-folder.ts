import { createHash } from 'node:crypto'
import { existsSync, realpathSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'
import type { HandedSecret } from '../../src/main/handed-secrets.ts'
import { note, StepError } from '../lib/steps.mjs'
import { isAlive, type ProcessRecord, startTimeOf } from '../services/runtime/process-identity.ts'
import { stopFromStateFile } from '../services/runtime/stop.ts'
import { forgetKeptData } from './kept-data.ts'

type Variables = Readonly<Record<string, string | undefined>>

export interface DemoPlace {
  platform: NodeJS.Platform
  variables: Variables
  isRoot: boolean
  home: string
  /** Root of the clone: every clone has a demo of its own. */
  project: string
}

/** The folder that holds everything of one clone's demo. */
export function demoPath({ platform, variables, isRoot, home, project }: DemoPlace): string {
  const chosen = variables.TENANTRY_DEMO_HOME
  if (chosen !== undefined && chosen !== '') return resolve(chosen)
  const name = `demo-${createHash('sha256').update(project).digest('hex').slice(0, 8)}`
  if (platform === 'win32') return join(variables.LOCALAPPDATA ?? join(home, 'AppData', 'Local'), 'Tenantry', name)
  // Servers do not run as root, and the user they run as cannot enter root's home.
  if (isRoot) return join('/var/lib/tenantry', name)
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Tenantry', name)
  const xdg = variables.XDG_STATE_HOME
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(home, '.local', 'state'), 'tenantry', name)
}

/** Where a demo that was started from this clone lies on this machine. */
export const demoPathHere = (project: string): string =>
  demoPath({
    platform: process.platform,
    variables: process.env,
    isRoot: process.getuid?.() === 0,
    home: homedir(),
    project: realpathSync(project),
  })

/** What the demo remembers between starts. */
export interface DemoMemory {
  environmentId?: string
  /** Identity of the database that was seeded to the end. */
  seeded?: string
}

const OWNER = 'owner.json'
const MEMORY = 'demo.json'
const SECRETS = 'secrets.json'
const MARKER = '.tenantry-demo'
const MARKER_TEXT = 'Tenantry keeps the data of a demo here; npm run quickstart -- --fresh removes it.\n'

/** One clone's demo: its folder, held by one quickstart at a time. */
export class DemoFolder {
  readonly path: string
  /** Settings, audit and jobs of the demo's console, apart from a person's real ones. */
  readonly console: string
  /** Data, passwords and ports of the demo's servers. */
  readonly stores: string
  readonly backups: string
  readonly runs: string

  private constructor(path: string) {
    this.path = path
    this.console = join(path, 'console')
    this.stores = join(path, 'stores')
    this.backups = join(path, 'backups')
    this.runs = join(path, 'runs')
  }

  /**
   * Makes the folder where needed, takes hold of it, and ends what a killed start may have left running.
   * @throws StepError when another quickstart holds it, or it is not a demo's folder
   */
  static async open(path: string, options: { isFresh: boolean }): Promise<DemoFolder> {
    const demo = new DemoFolder(path)
    await demo.prepare()
    await demo.hold()
    try {
      await demo.endLeftovers()
      if (options.isFresh) await demo.clear()
      for (const folder of [demo.stores, demo.runs]) await mkdir(folder, { recursive: true })
      for (const folder of [demo.console, demo.backups]) await mkdir(folder, { recursive: true, mode: 0o700 })
      return demo
    } catch (error) {
      await demo.release()
      throw error
    }
  }

  async memory(): Promise<DemoMemory> {
    const text = await readIfThere(join(this.path, MEMORY))
    return text === undefined ? {} : (JSON.parse(text) as DemoMemory)
  }

  async remember(change: DemoMemory): Promise<void> {
    await writeFile(join(this.path, MEMORY), `${JSON.stringify({ ...(await this.memory()), ...change }, null, 2)}\n`)
  }

  /** For commands on the running demo, see demo-cli.ts; like the servers' own passwords, readable by its owner only. */
  async keepSecrets(secrets: readonly HandedSecret[]): Promise<void> {
    await writeFile(join(this.path, SECRETS), JSON.stringify(secrets), { mode: 0o600 })
  }

  async release(): Promise<void> {
    await rm(join(this.path, SECRETS), { force: true })
    await rm(join(this.path, OWNER), { force: true })
  }

  private async prepare(): Promise<void> {
    const isNew = !existsSync(this.path)
    if (!isNew && !existsSync(join(this.path, MARKER)) && (await readdir(this.path)).length > 0) {
      throw new StepError(
        `${this.path} holds something else than a demo.`,
        'Name an empty or a new folder in TENANTRY_DEMO_HOME.',
      )
    }
    const isRoot = process.getuid?.() === 0
    const hasParent = existsSync(dirname(this.path))
    await mkdir(this.path, { recursive: true })
    // As root, the servers' own user must pass through to its data; the folders below are closed by themselves.
    if (isRoot && !hasParent) await chmod(dirname(this.path), 0o755)
    await chmod(this.path, isRoot ? 0o711 : 0o700)
    await writeFile(join(this.path, MARKER), MARKER_TEXT)
  }

  private async hold(): Promise<void> {
    const record: ProcessRecord = {
      name: 'quickstart',
      pid: process.pid,
      started: startTimeOf(process.pid) ?? '',
      signal: 'SIGTERM',
    }
    const path = join(this.path, OWNER)
    for (;;) {
      try {
        return await writeFile(path, JSON.stringify(record), { flag: 'wx' })
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      }
      const text = await readIfThere(path)
      const owner = text === undefined || text === '' ? undefined : (JSON.parse(text) as ProcessRecord)
      if (owner !== undefined && isAlive(owner)) throw alreadyRuns(owner)
      await rm(path, { force: true })
    }
  }

  private async endLeftovers(): Promise<void> {
    if (!existsSync(this.runs)) return
    for (const name of await readdir(this.runs)) {
      const path = join(this.runs, name)
      try {
        await stopFromStateFile(path)
      } catch (error) {
        // Written by another version: what it started has ended with it, thanks to its guard.
        note(`${error instanceof Error ? error.message : String(error)}; it was removed.`)
        await rm(path, { force: true })
      }
    }
  }

  private async clear(): Promise<void> {
    await forgetKeptData(this.stores)
    const kept = new Set([OWNER, MARKER])
    for (const name of await readdir(this.path)) {
      if (!kept.has(name)) await rm(join(this.path, name), { recursive: true, force: true, maxRetries: 5 })
    }
  }
}

const alreadyRuns = (owner: ProcessRecord): StepError =>
  new StepError(
    `The demo of this clone runs already (process ${owner.pid}).`,
    'Use the console that it opened, or end it first with Ctrl-C in its terminal.',
  )

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** The demo that runs from this clone, for a command on it; undefined when none does. */
export async function findRunningDemo(path: string): Promise<{ console: string; secrets: HandedSecret[] } | undefined> {
  const owner = await readIfThere(join(path, OWNER))
  const secrets = await readIfThere(join(path, SECRETS))
  if (owner === undefined || secrets === undefined || !isAlive(JSON.parse(owner) as ProcessRecord)) return undefined
  return { console: join(path, 'console'), secrets: JSON.parse(secrets) as HandedSecret[] }
}
