import pg from 'pg'

/** A statement, or several in one message, as a driver sent it. */
export interface SentQuery {
  text: string
  values: unknown[] | undefined
}

/**
 * Writes down every query that the driver sends in this process while the work runs: what a kernel call asks of PostgreSQL. One
 * entry is one round trip.
 */
export async function recordQueries(work: () => Promise<unknown>): Promise<SentQuery[]> {
  const sent: SentQuery[] = []
  const { prototype } = pg.Client
  const original = prototype.query
  const recording = function (this: pg.Client, ...args: unknown[]): unknown {
    const [first, values] = args as [string | { text: string; values?: unknown[] }, unknown[] | undefined]
    sent.push(
      typeof first === 'string'
        ? { text: first, values: valuesOf(values) }
        : { text: first.text, values: first.values },
    )
    return Reflect.apply(original, this, args)
  }
  prototype.query = recording as typeof original
  try {
    await work()
  } finally {
    prototype.query = original
  }
  return sent
}

/** The second argument may be the callback instead. */
const valuesOf = (argument: unknown): unknown[] | undefined => (Array.isArray(argument) ? argument : undefined)

/** Sends the same queries, one after the other, over a bare connection. */
export async function replay(client: pg.Client, queries: readonly SentQuery[]): Promise<void> {
  for (const { text, values } of queries) await client.query(values === undefined ? { text } : { text, values })
}
