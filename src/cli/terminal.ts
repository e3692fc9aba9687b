import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline/promises'
import { Writable } from 'node:stream'
import { text as readAll } from 'node:stream/consumers'
import { AppError } from '#shared/errors.ts'

/** All that a command touches of its process; tests give another one. */
export interface Terminal {
  /** The result, and nothing else. */
  out(text: string): void
  /** Progress, questions and errors. */
  note(text: string): void
  /** Whether a person sees the notes, so that a line may be rewritten. */
  readonly isInteractive: boolean
  /** Columns of the result's window; absent when it goes to a file or pipe. */
  readonly columns: number | undefined
  readonly variables: Readonly<Record<string, string | undefined>>
  /** Asks the person; rejects where nobody can answer. */
  ask(question: string, options?: { isHidden?: boolean; signal?: AbortSignal }): Promise<string>
  /** The whole of standard input. */
  readInput(): Promise<string>
  /** The next line of standard input; nothing after the last. */
  readInputLine(): Promise<string | undefined>
  readFile(path: string): Promise<string>
}

/** The abort signal ends reading from standard input, which would otherwise wait for its end. */
export function processTerminal(signal: AbortSignal): Terminal {
  let input: Promise<string> | undefined
  let linesRead = 0
  const readInput = () => {
    const stop = () => process.stdin.destroy()
    if (signal.aborted) stop()
    else signal.addEventListener('abort', stop, { once: true })
    input ??= readAll(process.stdin)
    return input
  }
  return {
    out: text => void process.stdout.write(text),
    note: text => void process.stderr.write(text),
    isInteractive: process.stdin.isTTY && process.stderr.isTTY,
    columns: process.stdout.isTTY ? process.stdout.columns : undefined,
    variables: process.env,
    ask: (question, { isHidden = false, signal } = {}) => ask(question, isHidden, signal),
    readInput,
    readInputLine: async () => {
      const lines = (await readInput()).replace(/\r?\n$/, '').split(/\r?\n/)
      linesRead += 1
      return lines[linesRead - 1]
    },
    readFile: path => readFile(path, 'utf8'),
  }
}

async function ask(question: string, isHidden: boolean, signal: AbortSignal | undefined): Promise<string> {
  process.stderr.write(question)
  // readline echoes what is typed to its output; a secret is echoed to nowhere.
  const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({
    input: process.stdin,
    output: isHidden ? nowhere : process.stderr,
    terminal: true,
  })
  const cancelled = new AppError('CANCELLED', 'The question was not answered.')
  try {
    const { promise, reject } = Promise.withResolvers<never>()
    // In raw mode Ctrl-C is a key, not a signal.
    lines.once('SIGINT', () => reject(cancelled))
    lines.once('close', () => reject(cancelled))
    signal?.addEventListener('abort', () => reject(cancelled), { once: true })
    return await Promise.race([lines.question(''), promise])
  } finally {
    lines.close()
    if (isHidden) process.stderr.write('\n')
  }
}
