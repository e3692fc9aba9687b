import type { JobName } from '#shared/contract/index.ts'
import { isAppError } from '#shared/errors.ts'
import type { LocalClient } from '../main/kernel/local-client.ts'
import { addConfirmation, askConfirmation } from './confirmation.ts'
import { type Input, readInput } from './input.ts'
import { JobReporter } from './job-reporter.ts'
import type { Invocation } from './program.ts'
import { addReferences } from './references.ts'
import type { Terminal } from './terminal.ts'

export interface Execution {
  client: LocalClient
  terminal: Terminal
  /** Aborted by Ctrl-C. */
  signal: AbortSignal
}

const SESSION_SECRETS =
  'The secrets ended with this command: give them to later ones with TENANTRY_SECRET_POSTGRES, _MONGO, _REDIS, _BACKUP.\n'

/** Runs one command to its end; resolves with the operation's result. */
export async function execute(invocation: Invocation, execution: Execution): Promise<unknown> {
  const input = await readInput(invocation, execution.terminal)
  await addReferences(input, invocation, execution)
  addConfirmation(input, invocation)
  if (invocation.values.all === true || invocation.spec.allPages === true) {
    return await allPages(invocation, input, execution)
  }
  try {
    return await run(invocation, input, execution)
  } catch (error) {
    if (!isAppError(error) || error.code !== 'CONFIRMATION_REQUIRED') throw error
    input.confirmation = await askConfirmation(error, invocation, { ...execution, input })
    return await run(invocation, input, execution)
  }
}

async function run(invocation: Invocation, input: Input, execution: Execution): Promise<unknown> {
  const { client, terminal, signal } = execution
  const name = invocation.spec.operation
  if (invocation.operation.kind !== 'job') {
    const answer = await client.call(name, input as never, { signal })
    if (input.secretStorage === 'session') terminal.note(SESSION_SECRETS)
    return answer
  }
  const reporter = new JobReporter(terminal)
  try {
    const result = await client.runJob(name as JobName, input as never, {
      signal,
      onChange: job => reporter.update(job),
    })
    return await withPassword(result, execution)
  } finally {
    reporter.end()
  }
}

/** The one-time password exists once, in this process: it is shown with the result or never. */
async function withPassword(result: object, { client, terminal }: Execution): Promise<object> {
  const { passwordTicket, ...rest } = result as { passwordTicket?: string }
  if (passwordTicket === undefined) return result
  try {
    const { value } = await client.call('jobs.claimSecret', { ticket: passwordTicket })
    return { ...rest, oneTimePassword: value }
  } catch (error) {
    terminal.note(`The one-time password is lost: ${error instanceof Error ? error.message : String(error)}\n`)
    return rest
  }
}

async function allPages(invocation: Invocation, input: Input, { client, signal }: Execution): Promise<unknown> {
  const pages: { items: unknown[]; nextCursor: string | null }[] = []
  let cursor: string | null | undefined
  do {
    const next = cursor === undefined ? input : { ...input, cursor }
    const page: unknown = await client.call(invocation.spec.operation, next as never, { signal })
    pages.push(page as { items: unknown[]; nextCursor: string | null })
    cursor = pages.at(-1)?.nextCursor
  } while (typeof cursor === 'string')
  return { ...pages[0], items: pages.flatMap(page => page.items), nextCursor: null }
}
