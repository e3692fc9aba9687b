import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import type { Duplex } from 'node:stream'

export interface PageServerOptions {
  argv: readonly string[]
  env?: Record<string, string>
  /** Written to the child's descriptor 3. */
  handOver?: string
}

export const HANDED_DESCRIPTOR = 3

/** A Node process of its own that serves a page and prints its address as its first line. */
export class PageServer implements AsyncDisposable {
  readonly address: string
  private readonly child: ChildProcess

  private constructor(child: ChildProcess, address: string) {
    this.child = child
    this.address = address
  }

  /** Resolves when the address is known. Rejects when the process ends before that. */
  static async start({ argv, env = {}, handOver }: PageServerOptions): Promise<PageServer> {
    const child = spawn(process.execPath, argv, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    })
    const pipe = child.stdio[HANDED_DESCRIPTOR] as Duplex
    if (handOver !== undefined) pipe.write(handOver)
    const { stdout } = child
    if (stdout === null) throw new Error('The page server has no output')
    const lines = createInterface({ input: stdout })
    const ended = once(child, 'exit').then(([code]) => {
      throw new Error(`The page server ended with code ${code}`)
    })
    ended.catch(() => undefined)
    const [address] = (await Promise.race([once(lines, 'line'), ended])) as [string]
    return new PageServer(child, address)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.child.exitCode !== null) return
    const exited = once(this.child, 'exit')
    this.child.kill('SIGTERM')
    await exited
  }
}
