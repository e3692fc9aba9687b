import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { join } from 'node:path'
import { ensureBuilt } from '../lib/build.ts'
import { projectFolder } from '../lib/install.mjs'
import { note, say, seconds, step } from '../lib/steps.mjs'
import { abandonCommands } from '../services/runtime/execute.ts'
import { openRun } from '../services/runtime/open-run.ts'
import { stopFromStateFile } from '../services/runtime/stop.ts'
import { DemoFolder, demoPathHere } from './demo-folder.ts'
import { joinLate, type Start, startDemoSystem, startOthers } from './demo-system.ts'
import type { QuickstartOptions } from './options.ts'
import { mustDownload } from './other-stores.ts'
import { showConsole } from './show.ts'

/**
 * Builds, starts the demo and opens the console; resolves when the person has ended it and everything is stopped again.
 * @throws StepError; the signal's reason when interrupted before it was ready
 */
export async function runDemo(options: QuickstartOptions, signal: AbortSignal): Promise<void> {
  const began = performance.now()
  await using stack = new AsyncDisposableStack()
  const demo = await DemoFolder.open(demoPathHere(projectFolder), options)
  stack.defer(() => demo.release())
  const tasks = new Tasks(signal)
  const statePath = join(demo.runs, `${randomBytes(4).toString('hex')}.json`)
  const { run, stop } = await openRun({ statePath, dataDirectory: demo.stores, log: note })
  stack.defer(async () => {
    tasks.giveUp()
    await stop()
    // What was still being started fails now, as its servers are gone; what it has started in between ends here.
    await tasks.settled()
    await stopFromStateFile(statePath)
  })
  const start: Start = { options, signal: tasks.signal, demo, run }
  // A download would take its time from everything else; it comes last, unless its end is waited for anyway.
  const isLast = !options.isOnce && mustDownload()
  const others = options.isPostgresOnly || isLast ? undefined : tasks.add(startOthers(start))
  const building = tasks.add(options.hasConsole ? build(tasks.signal) : Promise.resolve())
  const system = await tasks.wait(startDemoSystem(start, others))
  await tasks.wait(building)
  const open = options.hasConsole ? await tasks.wait(showConsole(start, system)) : undefined
  if (open !== undefined) stack.defer(() => open.stop())
  say('')
  say(`Ready after ${seconds(performance.now() - began)}. ${goodToKnow(start)}`)
  if (isLast && !options.isPostgresOnly) system.late = tasks.add(startOthers(start))
  tasks.add(joinLate(start, system, secrets => open?.handOver(secrets)))
  if (!options.isOnce) await Promise.race([open?.ended ?? never(stack), once(signal, 'abort')])
}

/** Without a console nothing else keeps this process alive. */
function never(stack: AsyncDisposableStack): Promise<never> {
  const timer = setInterval(() => undefined, 2 ** 30)
  stack.defer(() => clearInterval(timer))
  return new Promise(() => undefined)
}

/** What goes on side by side. All of it ends, in whatever way, before the demo is left. */
class Tasks {
  readonly signal: AbortSignal
  readonly #abort = new AbortController()
  readonly #all: Promise<unknown>[] = []

  constructor(signal: AbortSignal) {
    this.signal = AbortSignal.any([signal, this.#abort.signal])
  }

  add<T>(task: Promise<T>): Promise<T> {
    // Its failure is seen where it is waited for.
    this.#all.push(task.catch(() => undefined))
    return task
  }

  /** Waits for a task, but not when the person gives up. */
  async wait<T>(task: Promise<T>): Promise<T> {
    this.add(task)
    this.signal.throwIfAborted()
    const interrupted = once(this.signal, 'abort').then(() => {
      throw this.signal.reason
    })
    return await Promise.race([task, interrupted])
  }

  giveUp(): void {
    this.#abort.abort()
    abandonCommands()
  }

  async settled(): Promise<void> {
    await Promise.all(this.#all)
  }
}

async function build(signal: AbortSignal): Promise<void> {
  await step('Build the console', async report => {
    const isNew = await ensureBuilt(signal)
    report(isNew ? 'Console built' : 'Console is up to date')
  })
}

function goodToKnow({ demo, options }: Start): string {
  const data = `The demo's data stays in ${demo.path}; npm run quickstart -- --fresh begins anew.`
  if (options.isOnce) return data
  return `Meanwhile, in another terminal: npm run demo -- tenants list\n${data}\nCtrl-C stops the console and the demo's servers.`
}
