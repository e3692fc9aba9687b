import { createHash } from 'node:crypto'
import { canonicalJson } from '../archive/manifest.ts'
import type { TableState } from './live-state.ts'

/** All that a person confirms: change any of it, and the token is another. */
export interface Confirmed {
  archiveHash: string
  /** Rows of the live schema, as compared. */
  live: readonly TableState[]
  /** Rows of the schema that would take its place. */
  side: readonly TableState[]
  plan: {
    /** What the token is good for. */
    act: 'restore' | 'undo'
    restoreId: string
    tenantId: string
    slug: string
    databaseSchema: string
    sideSchema: string
    schemaChoice: string
  }
}

/** SHA-256 in hexadecimal over the canonical JSON of what is confirmed. */
export const tokenOf = (confirmed: Confirmed): string =>
  createHash('sha256').update(canonicalJson(confirmed)).digest('hex')

/** As `tokenOf`, for rows that are brought back without a swap. `states` are sums over the rows concerned, one for each choice. */
export const tokenOfRows = (confirmed: {
  restoreId: string
  tenantId: string
  choices: readonly object[]
  states: readonly string[]
}): string => createHash('sha256').update(canonicalJson(confirmed)).digest('hex')
