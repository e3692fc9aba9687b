/** How deep drivers nest the failure that matters. */
const MAXIMUM_DEPTH = 6
/** Which of a driver's own fields say what happened without saying with which values. */
const TELLING_FIELDS = [
  'code',
  'codeName',
  'errno',
  'syscall',
  'hostname',
  'severity',
  'routine',
  'constraint',
] as const

/**
 * A copy of a driver's error that may be written to the log. Drivers hang the failed command on their errors (ioredis: AUTH with its
 * password, MongoDB: the documents, pg: the values of the row), and quote values in some messages.
 */
export function loggable(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error) || depth > MAXIMUM_DEPTH) return undefined
  const message = withoutValues(error.message)
  const parts: unknown = Reflect.get(error, 'errors')
  const causes = ['cause', 'lastNodeError'].map((name): unknown => Reflect.get(error, name))
  const inner = [...(Array.isArray(parts) ? parts : []), ...causes].flatMap(part => loggable(part, depth + 1) ?? [])
  const copy = inner.length > 1 ? new AggregateError(inner, message) : new Error(message, causeOf(inner[0]))
  copy.name = error.name
  copy.stack = (error.stack ?? '').split(error.message).join(message)
  for (const field of TELLING_FIELDS) {
    const value: unknown = Reflect.get(error, field)
    if (typeof value === 'string' || typeof value === 'number') Reflect.set(copy, field, value)
  }
  return copy
}

const causeOf = (cause: unknown): ErrorOptions | undefined => (cause === undefined ? undefined : { cause })

const withoutValues = (message: string): string =>
  message
    .replace(/: ".*"/s, ': "…"')
    .replace(/dup key: .*/s, 'dup key: …')
    .replace(/\/\/[^/@\s]*@/g, '//…@')
