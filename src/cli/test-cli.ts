import type { Kernel } from '../main/kernel/kernel.ts'
import {
  createTestKernel,
  type TestKernel,
  type TestKernelOptions,
  testEnvironment,
} from '../main/kernel/test-kernel.ts'
import { type Backend, runCli } from './run.ts'
import type { Terminal } from './terminal.ts'

/** For tests: what a command wrote, and how it ended. */
export interface Outcome {
  code: number
  out: string
  notes: string
}

export interface CliOptions {
  /** Standard input, and the answers of a person when there is one. */
  input?: string
  answers?: string[]
  variables?: Record<string, string>
  columns?: number
  signal?: AbortSignal
  onNote?: (text: string) => void
}

export interface TestCli extends AsyncDisposable {
  backend: TestKernel
  run(line: string | readonly string[], options?: CliOptions): Promise<Outcome>
  /** How often the stores were opened. */
  opened(): number
}

export const demo = testEnvironment({ name: 'Demo' })

/** Runs the program over a kernel that is there already: the real services of a database test. */
export async function runOver(
  kernel: Kernel,
  line: string | readonly string[],
  cli: CliOptions = {},
): Promise<Outcome> {
  const outcome = { code: -1, out: '', notes: '' }
  outcome.code = await runCli(typeof line === 'string' ? line.split(' ') : line, {
    version: '1.2.3',
    terminal: testTerminal(outcome, cli),
    signal: cli.signal ?? new AbortController().signal,
    open: async () => ({ kernel, close: async () => undefined }),
  })
  return outcome
}

/** The program over a kernel in this process, with one environment unless told otherwise. */
export async function createTestCli(options: TestKernelOptions & Pick<Backend, 'schedules'> = {}): Promise<TestCli> {
  const environments = options.environments ?? [demo]
  const handlers = { 'environments.list': async () => environments, ...options.handlers }
  const backend = await createTestKernel({ ...options, environments, handlers })
  let opened = 0
  const run = async (line: string | readonly string[], cli: CliOptions = {}): Promise<Outcome> => {
    const outcome = { code: -1, out: '', notes: '' }
    outcome.code = await runCli(typeof line === 'string' ? line.split(' ') : line, {
      version: '1.2.3',
      terminal: testTerminal(outcome, cli),
      signal: cli.signal ?? new AbortController().signal,
      open: async () => {
        opened += 1
        const { schedules } = options
        return {
          kernel: backend.kernel,
          close: async () => undefined,
          ...(schedules === undefined ? {} : { schedules }),
        }
      },
    })
    return outcome
  }
  return { backend, run, opened: () => opened, [Symbol.asyncDispose]: () => backend[Symbol.asyncDispose]() }
}

function testTerminal(outcome: Outcome, cli: CliOptions): Terminal {
  const answers = [...(cli.answers ?? [])]
  const lines = (cli.input ?? '').split('\n')
  return {
    out: text => {
      outcome.out += text
    },
    note: text => {
      outcome.notes += text
      cli.onNote?.(text)
    },
    isInteractive: cli.answers !== undefined,
    columns: cli.columns,
    variables: cli.variables ?? {},
    ask: async question => {
      outcome.notes += question
      const answer = answers.shift()
      if (answer === undefined) throw new Error(`Nobody answers: ${question}`)
      return answer
    },
    readInput: async () => cli.input ?? '',
    readInputLine: async () => lines.shift(),
    readFile: async path => `# ${path}`,
  }
}
