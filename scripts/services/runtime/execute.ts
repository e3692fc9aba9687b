import { type ChildProcess, spawn } from 'node:child_process'

export interface ExecuteOptions {
  cwd?: string
  env?: NodeJS.ProcessEnv
  uid?: number
  gid?: number
  /** Written to standard input, which is closed afterwards. */
  input?: string
  /** Milliseconds after which the command is killed. */
  timeoutMs?: number
}

const TAIL_LENGTH = 2_000
const running = new Set<ChildProcess>()

/** chroot, runuser and mount live in sbin, which an ordinary login's PATH leaves out. */
export const SYSTEM_PATH = [process.env.PATH, '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin', '/bin']
  .filter(Boolean)
  .join(':')

/**
 * Runs a command to its end without a shell and returns what it wrote to standard output.
 * @throws Error with the command, its exit code and the end of what it wrote
 */
export function execute(argv: readonly [string, ...string[]], options: ExecuteOptions = {}): Promise<string> {
  const { input, timeoutMs = 300_000, ...spawnOptions } = options
  const [command, ...rest] = argv
  const child = spawn(command, rest, { env: { ...process.env, PATH: SYSTEM_PATH }, ...spawnOptions })
  const output: Buffer[] = []
  const errors: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => output.push(chunk))
  child.stderr.on('data', (chunk: Buffer) => errors.push(chunk))
  // A command that ends without reading its input closes the pipe; its exit code tells the rest.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input)
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs)
  running.add(child)
  child.once('close', () => running.delete(child))
  return new Promise((resolve, reject) => {
    child.once('error', error => {
      clearTimeout(timer)
      reject(new Error(`Cannot run ${command}: ${error.message}`, { cause: error }))
    })
    child.once('close', (code, signal) => {
      clearTimeout(timer)
      const text = Buffer.concat(output).toString()
      if (code === 0) return resolve(text)
      const tail = (Buffer.concat(errors).toString() + text).trim().slice(-TAIL_LENGTH)
      reject(new Error(`${argv.join(' ').slice(0, 300)} ended with ${signal ?? `code ${code}`}: ${tail}`))
    })
  })
}

/** Whether a command can be run and ends with 0. */
export async function succeeds(argv: readonly [string, ...string[]], options: ExecuteOptions = {}): Promise<boolean> {
  try {
    await execute(argv, options)
    return true
  } catch {
    return false
  }
}

/** Kills every command that still runs: a person who gives up must not wait for a download to end. */
export function abandonCommands(): void {
  for (const child of running) child.kill('SIGKILL')
}
