import pg from 'pg'

/**
 * How values leave PostgreSQL: nothing loses precision. int8 and numeric stay text (pg's default), a timestamptz becomes ISO 8601
 * in UTC with its microseconds, date and timestamp stay the text they are; a JavaScript Date would round them and shift zones.
 */
const isoInstant = (text: string): string => (text.endsWith('+00') ? `${text.slice(0, -3).replace(' ', 'T')}Z` : text)

const asText = (text: string): string => text

const parsers = new Map<number, (text: string) => unknown>([
  [pg.types.builtins.TIMESTAMPTZ, isoInstant],
  [pg.types.builtins.TIMESTAMP, asText],
  [pg.types.builtins.DATE, asText],
])

export const textTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => {
    const own = format === 'binary' ? undefined : parsers.get(oid)
    return own ?? (pg.types.getTypeParser(oid, format) as (text: string) => unknown)
  },
}
