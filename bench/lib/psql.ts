import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'

const PASSED_ON = ['PATH', 'HOME', 'LANG', 'LC_ALL'] as const
const TAIL_LENGTH = 2_000

/** One psql session that is connected already: what it reads from its standard input it runs at once. */
export class PsqlSession {
  private readonly child: ChildProcessWithoutNullStreams
  private output = ''
  private errors = ''
  private marks = 0
  private onOutput: () => void = () => undefined

  private constructor(child: ChildProcessWithoutNullStreams) {
    this.child = child
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      this.output = (this.output + text).slice(-TAIL_LENGTH)
      this.onOutput()
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      this.errors = (this.errors + text).slice(-TAIL_LENGTH)
    })
    // Its exit code tells what went wrong.
    child.stdin.on('error', () => undefined)
    child.on('exit', () => this.onOutput())
  }

  /** Starts psql and waits until it has run its first statement. Rejects with what psql wrote. */
  static async open(url: string): Promise<PsqlSession> {
    const folder = process.env.TENANTRY_TEST_PG15_BIN
    const program = folder === undefined ? 'psql' : join(folder, 'psql')
    const options = ['-X', '-q', '-A', '-t', '-v', 'ON_ERROR_STOP=1']
    const child = spawn(program, options, { env: { ...environment(), ...libpqVariables(new URL(url)) } })
    await once(child, 'spawn')
    const session = new PsqlSession(child)
    await session.run('select 1;')
    return session
  }

  /** Pipes the script in and resolves when psql has run all of it. Rejects when psql stopped at an error. */
  async run(script: string): Promise<void> {
    const mark = `mark ${++this.marks} of this session`
    const done = Promise.withResolvers<void>()
    this.onOutput = () => {
      if (this.output.includes(`${mark}\n`)) done.resolve()
      else if (this.child.exitCode !== null)
        done.reject(new Error(`psql ended with ${this.child.exitCode}: ${this.errors}`))
    }
    this.child.stdin.write(`${script}\n\\echo ${mark}\n`)
    await done.promise
  }

  async close(): Promise<void> {
    if (this.child.exitCode !== null) return
    const exited = once(this.child, 'exit')
    this.child.stdin.end()
    await exited
  }
}

const environment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(PASSED_ON.flatMap(name => (process.env[name] === undefined ? [] : [[name, process.env[name]]])))

/** libpq reads these; the password is in no argument that other users of the machine could see. */
const libpqVariables = (url: URL): Record<string, string> => ({
  PGHOST: url.hostname,
  PGPORT: url.port || '5432',
  PGUSER: decodeURIComponent(url.username),
  PGPASSWORD: decodeURIComponent(url.password),
  PGDATABASE: url.pathname.slice(1),
  PGSSLMODE: 'disable',
})
