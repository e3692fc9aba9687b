import { ADMINISTRATION } from './commands/administration.ts'
import { READING } from './commands/reading.ts'
import { SCHEMA } from './commands/schema.ts'
import { OPEN, SESSION } from './commands/session.ts'
import { WRITING } from './commands/writing.ts'
import { CommandContext, type Connection, type Gateway, type Handler, type Reply } from './context.ts'
import { CommandError, errorReply, TRANSIENT } from './errors.ts'
import type { Request } from './wire.ts'

const HANDLERS: ReadonlyMap<string, Handler> = new Map(
  [SESSION, READING, WRITING, SCHEMA, ADMINISTRATION].flatMap(group => Object.entries(group)),
)
const OPEN_HANDLERS: ReadonlyMap<string, Handler> = new Map(Object.entries(OPEN))

/** Runs one command; failures become the reply that MongoDB would give. */
export async function dispatch(gateway: Gateway, connection: Connection, request: Request): Promise<Reply> {
  const context = new CommandContext(gateway, connection, request)
  try {
    return await handlerFor(context)(context)
  } catch (error) {
    const isInTransaction = context.isInTransaction
    await gateway.transactions.abortAfterError(context.command)
    const reply = errorReply(error)
    const isConflict = reply.codeName === 'WriteConflict'
    return isInTransaction && isConflict ? { ...reply, errorLabels: [TRANSIENT] } : reply
  } finally {
    await context.release()
  }
}

/** @throws CommandError when the command is unknown or the client has not authenticated */
function handlerFor(context: CommandContext): Handler {
  const open = OPEN_HANDLERS.get(context.name)
  if (open !== undefined) return open
  if (context.connection.authentication.user === undefined) {
    throw new CommandError(13, 'Unauthorized', `command ${context.name} requires authentication`)
  }
  const handler = HANDLERS.get(context.name)
  if (handler === undefined) throw new CommandError(59, 'CommandNotFound', `no such command: '${context.name}'`)
  return handler
}
