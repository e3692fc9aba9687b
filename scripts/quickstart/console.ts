import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'
import { type HandedSecret, SECRETS_VARIABLE, secretsLine } from '../../src/main/handed-secrets.ts'
import { projectFolder } from '../lib/install.mjs'
import { StepError } from '../lib/steps.mjs'
import { type ProcessRecord, startTimeOf } from '../services/runtime/process-identity.ts'
import type { Run } from '../services/runtime/run.ts'
import { stopProcess } from '../services/runtime/stop.ts'

export interface ConsoleSpec {
  run: Run
  /** Settings, audit and jobs. */
  dataDirectory: string
  secrets: readonly HandedSecret[]
}

export interface OpenConsole {
  /** Resolves to the exit code when the console ends by itself, or is ended. */
  ended: Promise<number>
  /** Secrets of stores that came later. */
  handOver(secrets: readonly HandedSecret[]): void
  stop(): Promise<void>
}

export interface WebConsole extends OpenConsole {
  /** Whoever has it has the console. */
  address: string
}

const ADDRESS_MS = 30_000

/**
 * Starts the local web console and waits until its page can be loaded.
 * @throws StepError when it ends before that
 */
export async function startWebConsole(spec: ConsoleSpec, opensBrowser: boolean): Promise<WebConsole> {
  const program = join(projectFolder, 'out', 'main', 'web.js')
  const started = start(spec, [process.execPath, program, opensBrowser ? '--open' : '--no-open'])
  try {
    const address = await firstLine(started)
    const page = await fetch(address)
    if (!page.ok) throw new StepError(`The web console answers with ${page.status}.`, 'npm run build, then try again.')
    await page.body?.cancel()
    return { ...started, address }
  } catch (error) {
    await started.stop()
    throw error
  }
}

/** Starts the console in a window of its own. */
export function startWindow(spec: ConsoleSpec, electron: string): OpenConsole {
  return start(spec, [electron, projectFolder])
}

type Started = OpenConsole & { child: ChildProcess }

function start({ run, dataDirectory, secrets }: ConsoleSpec, argv: readonly [string, ...string[]]): Started {
  const [program, ...args] = argv
  const child = spawn(program, args, {
    cwd: projectFolder,
    env: { ...process.env, TENANTRY_DATA: dataDirectory, [SECRETS_VARIABLE]: '3' },
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    // In a group of its own a terminal's Ctrl-C does not reach it: it is ended here, once, before its stores are.
    detached: true,
  })
  const pipe = child.stdio[3] as Writable
  // The console may end at any time; that shows elsewhere.
  pipe.on('error', () => undefined)
  pipe.write(secretsLine(secrets))
  const pid = child.pid ?? 0
  const record: ProcessRecord = { name: 'console', pid, started: startTimeOf(pid) ?? 'ended', signal: 'SIGTERM' }
  // Should this process be killed, the guard of the run ends the console along with the servers.
  run.state.update(state => state.processes.push(record))
  const ended = new Promise<number>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve(code ?? 1))
  })
  ended.catch(() => undefined)
  return {
    child,
    ended,
    handOver: later => void pipe.write(secretsLine(later)),
    stop: () => stopProcess(record),
  }
}

async function firstLine({ child, ended }: Started): Promise<string> {
  const lines = createInterface({ input: child.stdout as Readable })
  const timeout = AbortSignal.timeout(ADDRESS_MS)
  const line = await Promise.race([
    once(lines, 'line', { signal: timeout }).then(([text]) => String(text)),
    ended.then(code => Promise.reject(new StepError(`The web console ended with code ${code} before it was ready.`))),
  ])
  // Nothing more is expected there, but a full pipe would hold the console up.
  child.stdout?.resume()
  return line
}
