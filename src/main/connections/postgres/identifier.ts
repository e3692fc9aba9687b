import pg from 'pg'

/** The one place where a name becomes SQL: quoted, with quotes doubled, so that no name can be anything but a name. */
export const quoteIdentifier = (name: string): string => {
  if (name.includes('\0')) throw new TypeError('An identifier cannot contain a zero character')
  return pg.escapeIdentifier(name)
}

export const quoteQualified = (schema: string, name: string): string =>
  `${quoteIdentifier(schema)}.${quoteIdentifier(name)}`

/** PostgreSQL cuts longer names silently (NAMEDATALEN - 1). */
export const MAX_IDENTIFIER_BYTES = 63
