import type { Command } from 'commander'
import { AppError } from '#shared/errors.ts'
import type { ScheduleEvent, ScheduleRun } from '../main/features/backups/schedule/schedule-host.ts'
import { hostSession } from '../main/host-session.ts'
import { LocalClient } from '../main/kernel/local-client.ts'
import { EXIT, exitCodeOf } from './exit-codes.ts'
import { printFailure, toAppError } from './failure.ts'
import { clean } from './print/text.ts'
import { findEnvironment } from './references.ts'
import type { Backend, CliHost } from './run.ts'

/** `schedule run` is no operation: it stays until somebody ends it, and starts operations of its own. */

/** Why the program ends, when the system asked for it rather than a person: for a service that is the proper end. */
export const TERMINATED = 'SIGTERM'

export interface ScheduleSource {
  run(run: ScheduleRun): Promise<void>
}

export interface ScheduleInvocation {
  environment: string | undefined
  isJson: boolean
}

const HELP = `
Stays until Ctrl-C or SIGTERM; what runs then is cancelled. Several may run for one environment: one works, the others wait to take over.
Times missed while none was up are counted, and the latest of each kind is made up for at the start.
Exit codes: 0 ended by SIGTERM, 130 by Ctrl-C, others as for every command.`

export function addScheduleRun(program: Command, run: (invocation: ScheduleInvocation) => void): void {
  const group = program.command('schedule').description('run').helpCommand(false)
  group
    .command('run')
    .description('Run the schedules of an environment until stopped, with a line per event on standard error')
    .option('--environment <name>', 'Name or id of the environment')
    .option('--json', 'Write each event as one line of JSON')
    .addHelpText('after', HELP)
    .action((values: { environment?: string; json?: boolean }) =>
      run({ environment: values.environment, isJson: values.json === true }),
    )
}

/** Resolves to the exit code, when everything is closed again. */
export async function runSchedules(invocation: ScheduleInvocation, host: CliHost): Promise<number> {
  const { terminal, signal } = host
  let backend: Backend | undefined
  try {
    backend = await host.open()
    const session = hostSession('cli')
    const client = new LocalClient(backend.kernel, session)
    const named = invocation.environment ?? terminal.variables.TENANTRY_ENVIRONMENT
    const environment = await findEnvironment(client, named === '' ? undefined : named)
    if (backend.schedules === undefined) throw new AppError('UNSUPPORTED', 'This program cannot run schedules.')
    await backend.schedules.run({
      environmentId: environment.id,
      host: 'cli',
      user: session.user,
      maximumRole: session.maximumRole,
      signal,
      onEvent: event => terminal.note(`${invocation.isJson ? JSON.stringify(event) : lineOf(event)}\n`),
      // Every failure is an event too.
      onFailure: () => undefined,
    })
    return signal.reason === TERMINATED ? EXIT.ok : EXIT.cancelled
  } catch (error) {
    const failure = toAppError(error, signal)
    printFailure(terminal, failure, invocation.isJson)
    return exitCodeOf(failure.code)
  } finally {
    await backend?.close()
  }
}

const lineOf = ({ at, type, text }: ScheduleEvent): string => `${at}  ${type.padEnd(7)}  ${clean(text)}`
