import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { cleanVariables, PROJECT } from './project.ts'

/** The local web console as a process of its own, as `npm run web` starts it. */
export class WebConsole implements AsyncDisposable {
  readonly #dataDirectory: string
  #process: ChildProcess | undefined
  #address: URL | undefined

  /** @param dataDirectory settings, audit and jobs; survives a restart */
  constructor(dataDirectory: string) {
    this.#dataDirectory = dataDirectory
  }

  /** With the token in its fragment. */
  get address(): URL {
    if (this.#address === undefined) throw new Error('The console was not started.')
    return this.#address
  }

  /** On the port that it had before, where it ran already. */
  async start(): Promise<void> {
    const port = this.#address?.port ?? '0'
    const child = spawn(
      join(PROJECT, 'node_modules', '.bin', 'node'),
      [join(PROJECT, 'out', 'main', 'web.js'), '--no-open', '--port', port],
      {
        cwd: PROJECT,
        // No keychain: specs must not write into the one of whoever runs them.
        env: {
          ...cleanVariables(),
          TENANTRY_DATA: this.#dataDirectory,
          DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nowhere',
        },
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    )
    this.#process = child
    let complaint = ''
    child.stderr.on('data', data => {
      complaint += data
    })
    const line = once(createInterface({ input: child.stdout }), 'line')
    const end = once(child, 'exit')
    const first = await Promise.race([line, end.then(() => undefined)])
    if (first === undefined) throw new Error(`The console did not start: ${complaint}`)
    this.#address = new URL(String(first[0]))
  }

  /** @param signal SIGKILL: as if it crashed */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<void> {
    const child = this.#process
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return
    const end = once(child, 'exit')
    child.kill(signal)
    await end
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop()
  }
}
