import type pg from 'pg'
import { throwIfCancelled } from '../../../connections/deadline.ts'
import { toAppError } from '../../../connections/postgres/errors.ts'
import { backendPid, connectClient } from '../../../connections/postgres/pool.ts'
import type { ToolConnection } from './tool-environment.ts'

/** Milliseconds for what must still be done after a cancel or a failure. */
export const CLEANUP_MS = 30_000

/** Milliseconds in which a cancelled statement must end; a network that swallows packets answers never. */
const CANCEL_MS = 5_000

/** The same server, another database. */
export const inDatabase = ({ settings, password }: ToolConnection, database: string): ToolConnection => ({
  settings: { ...settings, database },
  password,
})

/** A connection of its own for the work, with its errors coded; when the signal aborts, the statement that runs is cancelled. */
export async function withClient<T>(
  connection: ToolConnection,
  signal: AbortSignal,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> {
  throwIfCancelled(signal)
  const client = await connectClient(connection.settings, connection.password).catch((error: unknown) => {
    throw toAppError(error, { isCancelled: signal.aborted })
  })
  let giveUp: NodeJS.Timeout | undefined
  const onAbort = () => {
    void cancelOn(connection, backendPid(client))
    // With a statement under way the driver closes the socket.
    giveUp = setTimeout(() => void client.end().catch(() => undefined), CANCEL_MS)
  }
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    throwIfCancelled(signal)
    return await work(client)
  } catch (error) {
    throw toAppError(error, { isCancelled: signal.aborted })
  } finally {
    signal.removeEventListener('abort', onAbort)
    clearTimeout(giveUp)
    await client.end().catch(() => undefined)
  }
}

async function cancelOn(connection: ToolConnection, pid: number | undefined): Promise<void> {
  if (pid === undefined) return
  const client = await connectClient(connection.settings, connection.password).catch(() => undefined)
  await client?.query('select pg_cancel_backend($1)', [pid]).catch(() => undefined)
  await client?.end().catch(() => undefined)
}
