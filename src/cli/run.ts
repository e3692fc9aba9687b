import { CommanderError } from 'commander'
import type { OutputOf } from '#shared/contract/index.ts'
import type { AppError } from '#shared/errors.ts'
import { hostSession } from '../main/host-session.ts'
import type { Kernel } from '../main/kernel/kernel.ts'
import { LocalClient } from '../main/kernel/local-client.ts'
import { execute } from './execute.ts'
import { EXIT, exitCodeOf } from './exit-codes.ts'
import { printFailure, toAppError } from './failure.ts'
import { printJson, printResult } from './print/print.ts'
import { buildProgram, type Invocation } from './program.ts'
import { addRestore, runRestore } from './restore-command.ts'
import { addScheduleRun, runSchedules, type ScheduleSource } from './schedule-run.ts'
import type { Terminal } from './terminal.ts'

/** What a command needs of the composition root. */
export interface Backend {
  kernel: Kernel
  /** Runs schedules; only `schedule run` asks for it. */
  schedules?: ScheduleSource
  close(): Promise<void>
}

export interface CliHost {
  version: string
  terminal: Terminal
  /** Called once a command is known to be well formed; help needs no stores. */
  open(): Promise<Backend>
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
}

/** Runs one command line; resolves to the exit code when everything is closed again. */
export async function runCli(args: readonly string[], host: CliHost): Promise<number> {
  const { terminal } = host
  let invocation: Invocation | undefined
  /** A command that is more than one operation. */
  let special: (() => Promise<number>) | undefined
  try {
    const program = buildProgram(host.version, terminal, found => {
      invocation = found
    })
    addScheduleRun(program, found => {
      special = () => runSchedules(found, host)
    })
    addRestore(program, found => {
      special = () => runRestore(found, host)
    })
    program.parse(args, { from: 'user' })
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.input
    throw error
  }
  if (special !== undefined) return await special()
  // Commander has shown the help when no command was given.
  return invocation === undefined ? EXIT.input : await runInvocation(invocation, host)
}

async function runInvocation(invocation: Invocation, host: CliHost): Promise<number> {
  const { terminal, signal } = host
  const isJson = invocation.values.json === true
  let backend: Backend | undefined
  try {
    backend = await host.open()
    const client = new LocalClient(backend.kernel, hostSession('cli'))
    const result = await execute(invocation, { client, terminal, signal })
    if (isJson) printJson(terminal, result)
    else printResult(terminal, invocation.spec.view ?? invocation.spec.operation, result)
    return exitCodeOfResult(invocation.spec.operation, result)
  } catch (error) {
    const failure: AppError = toAppError(error, signal)
    printFailure(terminal, failure, isJson)
    return exitCodeOf(failure.code)
  } finally {
    await backend?.close()
  }
}

/** A check that found a store out of reach has done its work, but a script must notice. */
function exitCodeOfResult(operation: string, result: unknown): number {
  const failed =
    (operation === 'health.check' &&
      (result as OutputOf<'health.check'>).stores.some(store => store.state === 'failed')) ||
    (operation === 'environments.test' && (result as OutputOf<'environments.test'>).some(store => !store.ok))
  return failed ? EXIT.connection : EXIT.ok
}
