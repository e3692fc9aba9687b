import { join } from 'node:path'
import { hasDisplay } from '../../src/main/server/open-browser.ts'
import { note, StepError, say } from '../lib/steps.mjs'
import { type ConsoleSpec, type OpenConsole, startWebConsole, startWindow } from './console.ts'
import type { DemoSystem, Start } from './demo-system.ts'
import { chooseHost } from './host.ts'

/** A window that ends with an error this early never showed itself. In ms. */
const EARLY_END_MS = 10_000

/** Opens the console: the window where it can be had, the local web page otherwise. `ended` rejects when it ends with an error. */
export async function showConsole(start: Start, { secrets }: DemoSystem): Promise<OpenConsole> {
  const host = await chooseHost(start.options, start.signal)
  const spec: ConsoleSpec = { run: start.run, dataDirectory: start.demo.console, secrets }
  if (host.kind === 'window') {
    note('The console opens in a window of its own; closing it ends the demo, too.')
    return showWindow(start, spec, host.electron)
  }
  if (host.sentence !== undefined) note(host.sentence)
  return await showPage(start, spec)
}

async function showPage({ options }: Start, spec: ConsoleSpec): Promise<OpenConsole> {
  const opensBrowser = options.opens && !options.isOnce && hasDisplay(process.platform, process.env)
  const page = await startWebConsole(spec, opensBrowser)
  say('')
  // The only line on stdout: scripts read the address from it.
  process.stdout.write(`${page.address}\n`)
  const ended = page.ended.then(code => requireOrder(code, spec))
  // Nobody may be waiting for it when it is stopped.
  ended.catch(() => undefined)
  return { ...page, ended }
}

/** The window; should it not start (a missing library, a sandbox that the system refuses), the page takes its place. */
function showWindow(start: Start, spec: ConsoleSpec, electron: string): OpenConsole {
  const began = performance.now()
  let current: OpenConsole = startWindow(spec, electron)
  const ended = current.ended
    .catch(() => 1)
    .then(async code => {
      const isEarly = performance.now() - began < EARLY_END_MS
      if (code === 0 || !isEarly || start.signal.aborted) return requireOrder(code, spec)
      note('The window could not be opened: the console is a local web page instead.')
      current = await showPage(start, spec)
      return await current.ended
    })
  ended.catch(() => undefined)
  return { ended, handOver: secrets => current.handOver(secrets), stop: () => current.stop() }
}

function requireOrder(code: number, { dataDirectory }: ConsoleSpec): number {
  if (code === 0) return code
  throw new StepError(`The console ended with code ${code}.`, `Its log is in ${join(dataDirectory, 'logs')}.`)
}
