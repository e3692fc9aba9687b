import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { findFreePorts, isPortFree } from './ports.ts'
import type { StateFile } from './state.ts'

interface Kept {
  secrets: Record<string, string>
  ports: Record<string, number>
}

interface RunOptions {
  state: StateFile
  /** Temporary directory of this run: logs, certificates and, unless kept elsewhere, data. */
  directory: string
  /** Data, passwords and ports live on here after the run; without it all of them end with the run. */
  dataDirectory?: string | undefined
  log: (line: string) => void
}

/** One set of running services: where it may write, its passwords and ports, and the state file that remembers it. */
export class Run {
  readonly state: StateFile
  readonly directory: string
  readonly dataDirectory: string | undefined
  readonly log: (line: string) => void
  readonly #kept: Kept

  constructor(options: RunOptions) {
    this.state = options.state
    this.directory = options.directory
    this.dataDirectory = options.dataDirectory
    this.log = options.log
    this.#kept = this.#readKept()
    mkdirSync(join(this.directory, 'logs'), { recursive: true })
  }

  get id(): string {
    return this.state.current.id
  }

  get isKept(): boolean {
    return this.dataDirectory !== undefined
  }

  logPath(name: string): string {
    return join(this.directory, 'logs', `${name}.log`)
  }

  /** A directory for a service's data, created when missing. */
  async dataPath(name: string): Promise<string> {
    const path = join(this.dataDirectory ?? this.directory, name)
    await mkdir(path, { recursive: true })
    return path
  }

  /** A random password, the same one on every start over kept data. Letters and digits only: safe in every URL. */
  secret(name: string): string {
    const known = this.#kept.secrets[name]
    if (known !== undefined) return known
    const secret = randomBytes(15).toString('hex')
    this.#kept.secrets[name] = secret
    this.#writeKept()
    return secret
  }

  /** Chooses a free loopback port; over kept data the one used before, as long as it is still free. */
  async port(name: string): Promise<number> {
    const before = this.#kept.ports[name]
    if (before !== undefined && (await isPortFree(before))) return before
    const [port] = await findFreePorts(1)
    if (port === undefined) throw new Error('No free port on the loopback interface')
    this.#kept.ports[name] = port
    this.#writeKept()
    return port
  }

  /** The port that was given out last under this name. */
  chosenPort(name: string): number {
    const port = this.#kept.ports[name]
    if (port === undefined) throw new Error(`No port has been chosen for ${name}`)
    return port
  }

  #readKept(): Kept {
    const path = this.#keptPath()
    if (path === undefined || !existsSync(path)) return { secrets: {}, ports: {} }
    return JSON.parse(readFileSync(path, 'utf8')) as Kept
  }

  #writeKept(): void {
    const path = this.#keptPath()
    if (path !== undefined) writeFileSync(path, JSON.stringify(this.#kept, null, 2), { mode: 0o600 })
  }

  #keptPath(): string | undefined {
    return this.dataDirectory === undefined ? undefined : join(this.dataDirectory, 'services.json')
  }
}
