import { type ChildProcess, spawn } from 'node:child_process'
import { Readable, type Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { cancelled, throwIfCancelled } from '../../../connections/deadline.ts'
import type { ToolEnvironment } from './tool-environment.ts'
import { notStarted, StandardErrorTail, toolFailed } from './tool-failure.ts'

/** Milliseconds a tool has to end by itself once it is told to. */
const GRACE_MS = 3_000
/** Milliseconds in which the last words of a tool that has ended arrive. */
const LAST_WORDS_MS = 2_000

export interface ToolCommand {
  program: string
  args: readonly string[]
  environment: ToolEnvironment
  signal: AbortSignal
  /** One line of standard error, as it comes. */
  onLine?: (line: string) => void
}

export interface RunningTool {
  readonly pid: number | undefined
  readonly stdin: Writable
  readonly stdout: Readable
  /** Resolves when the tool ended well; rejects with a coded error when not, with CANCELLED when the signal aborted. */
  readonly ended: Promise<void>
  /** Ends the tool; `ended` rejects then. */
  stop(): void
}

/** Starts a tool: an argument list, never a shell, and no variable of this process. */
export function startTool(command: ToolCommand): RunningTool {
  throwIfCancelled(command.signal)
  const child = spawn(command.program, [...command.args], {
    env: { ...command.environment.variables },
    cwd: command.environment.folder,
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
    // A group of its own: parallel workers end with it, and Ctrl-C in a terminal reaches it through our own cancel only.
    detached: process.platform !== 'win32',
  })
  // Broken pipes are told by the exit code.
  child.stdin.on('error', () => undefined)
  const stop = () => end(child)
  command.signal.addEventListener('abort', stop, { once: true })
  const ended = outcome(child, command).finally(() => command.signal.removeEventListener('abort', stop))
  ended.catch(() => undefined)
  return { pid: child.pid, stdin: child.stdin, stdout: child.stdout, ended, stop }
}

async function outcome(child: ChildProcess, command: ToolCommand): Promise<void> {
  const tail = new StandardErrorTail(command.environment.secrets, command.onLine)
  const { promise: spoken, resolve: silence } = Promise.withResolvers<void>()
  child.stderr?.on('data', (chunk: Buffer) => tail.push(chunk))
  child.stderr?.on('close', silence)
  const exit = Promise.withResolvers<{ code: number | null; signal: NodeJS.Signals | null }>()
  child.on('error', error => exit.reject(notStarted(command.program, error)))
  child.on('exit', (code, signal) => exit.resolve({ code, signal }))
  const ending = await exit.promise
  const patience = setTimeout(silence, LAST_WORDS_MS)
  await spoken
  clearTimeout(patience)
  tail.finish()
  if (command.signal.aborted) throw cancelled()
  if (ending.code !== 0) throw toolFailed({ program: command.program, ...ending, words: tail.words() })
}

function end(child: ChildProcess): void {
  if (child.exitCode !== null || child.signalCode !== null) return
  // SIGTERM lets pg_dump and pg_restore cancel their statements on the server.
  kill(child, 'SIGTERM')
  const timer = setTimeout(() => kill(child, 'SIGKILL'), GRACE_MS)
  child.once('exit', () => clearTimeout(timer))
}

function kill(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch {
    // It has ended meanwhile.
  }
}

/**
 * What a tool prints, for short answers only; `input` is given to it for as long as it reads.
 * @throws RangeError when the answer is longer than the limit in bytes
 */
export async function outputOf(
  command: ToolCommand,
  limitBytes: number,
  input: AsyncIterable<Buffer> = Readable.from([]),
): Promise<string> {
  const tool = startTool(command)
  const source = Readable.from(input, { objectMode: false })
  // A tool that has read enough breaks the pipe.
  const feeding = pipeline(source, tool.stdin).catch(() => undefined)
  tool.ended.catch(() => undefined).finally(() => source.destroy())
  const parts: Buffer[] = []
  let size = 0
  for await (const part of tool.stdout) {
    size += (part as Buffer).byteLength
    if (size > limitBytes) {
      tool.stop()
      await tool.ended.catch(() => undefined)
      throw new RangeError(`More than ${limitBytes} bytes of output`)
    }
    parts.push(part as Buffer)
  }
  await tool.ended
  await feeding
  return Buffer.concat(parts).toString('utf8')
}
