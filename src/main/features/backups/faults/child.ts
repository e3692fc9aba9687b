import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Stores } from '#shared/contract/environment.model.ts'
import type { JobName } from '#shared/contract/index.ts'
import { eventually } from '../../../testing/eventually.ts'

export interface ChildConsole {
  /** Its settings, audit and jobs. */
  dataDirectory: string
  start(operation: JobName, input: object): void
  /** Resolves when the job is in the step of this name. */
  atStep(name: string): Promise<void>
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>
}

interface Told {
  isReady?: true
  running?: string | null
  result?: unknown
  error?: string
}

/** Starts a console process of its own and resolves when it is connected. */
export async function startChild(stores: Stores, secrets: object): Promise<ChildConsole> {
  const dataDirectory = await mkdtemp(join(tmpdir(), 'tenantry-child-'))
  const child = spawn(process.execPath, [join(import.meta.dirname, 'console-child.ts')], {
    env: { ...process.env, TENANTRY_CHILD: JSON.stringify({ dataDirectory, stores, secrets }) },
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const told: Told[] = []
  createInterface(child.stdout).on('line', line => told.push(JSON.parse(line) as Told))
  const until = async (is: (message: Told) => boolean) => {
    await eventually(() => {
      const end = told.find(message => message.error !== undefined || message.result !== undefined)
      if (told.some(is)) return true
      if (end !== undefined) throw new Error(`The job of the child ended before: ${JSON.stringify(end)}`)
      if (child.exitCode !== null) throw new Error(`The child ended with ${child.exitCode}`)
      return undefined
    }, 20_000)
  }
  await until(message => message.isReady === true)
  return {
    dataDirectory,
    start: (operation, input) => void child.stdin.write(`${JSON.stringify({ operation, input })}\n`),
    atStep: name => until(message => message.running === name),
    kill: () => killed(child),
  }
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = once(child, 'exit')
  child.kill('SIGKILL')
  await gone
}

/** One console is started ahead while a test uses the one before: starting takes longer than what is tested. */
export function startSpares(start: () => Promise<ChildConsole>): { next: () => Promise<ChildConsole> } {
  let spare = start()
  return {
    next: async () => {
      const child = await spare
      spare = start()
      spare.catch(() => undefined)
      return child
    },
  }
}
