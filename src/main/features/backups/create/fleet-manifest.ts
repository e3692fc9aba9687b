import { createHash } from 'node:crypto'
import type { ErrorCode } from '#shared/errors.ts'
import { stampOf } from '../archive/layout.ts'
import { canonicalJson } from '../archive/manifest.ts'

export const FLEETS_PREFIX = 'backups/fleets/'
const FLEET_FORMAT_VERSION = 1

export type FleetOutcome = { tenantId: string; slug: string; databaseSchema: string } & (
  | {
      outcome: 'ok'
      /** The archive's prefix. */
      archive: string
      hash: string
      rows: number
      /** Bytes of COPY text. */
      bytes: number
      storedBytes: number
      durationMs: number
      drift: string | null
    }
  | { outcome: 'failed'; code: ErrorCode; message: string }
  /** `stopped`: the stores failed so often in a row that the rest was not tried. */
  | { outcome: 'skipped'; reason: 'failed' | 'provisioning' | 'deleted' | 'stopped' }
)

export interface FleetManifest {
  formatVersion: typeof FLEET_FORMAT_VERSION
  kind: 'fleet'
  environment: { id: string; name: string; class: string }
  who: string
  /** ISO 8601, UTC. */
  startedAt: string
  finishedAt: string
  ok: number
  failed: number
  skipped: number
  tenants: FleetOutcome[]
  /** SHA-256 over the canonical JSON of all other fields. */
  hash: string
}

export const fleetKey = (at: Date): string => `${FLEETS_PREFIX}fleet_${stampOf(at)}.json`

export function fleetManifest(
  facts: Pick<FleetManifest, 'environment' | 'who' | 'startedAt' | 'finishedAt' | 'tenants'>,
): FleetManifest {
  const count = (outcome: FleetOutcome['outcome']) => facts.tenants.filter(one => one.outcome === outcome).length
  const { id, name, class: kind } = facts.environment
  const rest = {
    ...facts,
    environment: { id, name, class: kind },
    formatVersion: FLEET_FORMAT_VERSION,
    kind: 'fleet' as const,
    ok: count('ok'),
    failed: count('failed'),
    skipped: count('skipped'),
  } as const
  return { ...rest, hash: createHash('sha256').update(canonicalJson(rest)).digest('hex') }
}
