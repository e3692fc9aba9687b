import { AppError } from '#shared/errors.ts'
import type { ClientTool } from './client-tools.ts'

/** First minor release of each major version whose psql knows `\restrict` (August 2025, CVE-2025-8714). */
const FIRST_MINOR: Readonly<Record<number, number>> = { 13: 22, 14: 19, 15: 14, 16: 10, 17: 6 }

/** @throws AppError UNSUPPORTED where psql could not be kept from running commands that a script holds */
export function requireRestrict(psql: ClientTool): void {
  const first = FIRST_MINOR[psql.major]
  const isSafe = first === undefined ? psql.major >= 18 : psql.minor >= first
  if (isSafe) return
  throw new AppError(
    'UNSUPPORTED',
    `psql ${psql.version} cannot be kept from running commands that a script holds, so it is not given one.`,
    {
      hint: `Update the PostgreSQL client tools to ${first === undefined ? '14.19 or newer' : `${psql.major}.${first}`}, or restore a dump in the custom format.`,
      details: { reason: 'client-tools', found: [{ path: psql.path, version: psql.version }] },
    },
  )
}
