import type { Document } from 'bson'
import type { CommandContext, Handler, Reply } from '../context.ts'
import { buildInfo, hello } from '../identity.ts'

/** The first command of every connection; a driver may begin its authentication in it to save a round trip. */
async function greet(context: CommandContext): Promise<Reply> {
  const { command, connection } = context
  const answer = hello(connection.id)
  if (command.saslSupportedMechs !== undefined) answer.saslSupportedMechs = ['SCRAM-SHA-256']
  if (command.speculativeAuthenticate !== undefined) {
    // Whatever is wrong here the driver learns from the authentication proper that follows.
    const first = await connection.authentication.start(command.speculativeAuthenticate).catch(() => undefined)
    if (first !== undefined) answer.speculativeAuthenticate = first
  }
  return answer
}

const done = (): Reply => ({ ok: 1 })

/** Commands that a client may send before it has authenticated. */
export const OPEN: Readonly<Record<string, Handler>> = {
  hello: greet,
  ismaster: greet,
  isMaster: greet,
  ping: done,
  buildInfo,
  buildinfo: buildInfo,
  saslStart: context => context.connection.authentication.start(context.command),
  saslContinue: context => context.connection.authentication.proceed(context.command),
  logout: context => {
    context.connection.authentication.logout()
    return done()
  },
}

async function commitTransaction(context: CommandContext): Promise<Reply> {
  await context.gateway.transactions.commit(context.command)
  return done()
}

async function abortTransaction(context: CommandContext): Promise<Reply> {
  await context.gateway.transactions.abort(context.command)
  return done()
}

async function endSessions(context: CommandContext): Promise<Reply> {
  await context.gateway.transactions.endSessions(context.command[context.name] as Document[])
  return done()
}

export const SESSION: Readonly<Record<string, Handler>> = {
  commitTransaction,
  abortTransaction,
  endSessions,
  killSessions: endSessions,
  refreshSessions: done,
}
