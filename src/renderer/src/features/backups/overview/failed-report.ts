import { z } from 'zod'
import { type FleetBackupReport, FleetOutcome } from '#shared/contract/backup.model.ts'

/** What the error of a fleet that failed for some tenants carries. */
const Details = z.object({
  ok: z.number(),
  failed: z.number(),
  skipped: z.number(),
  storedBytes: z.number(),
  durationMs: z.number(),
  outcomes: z.array(FleetOutcome),
})

/** The report of a backup of all tenants that failed for some of them; undefined where it failed as a whole. */
export function failedReport(details: unknown): FleetBackupReport | undefined {
  const found = Details.safeParse(details).data
  if (found === undefined) return undefined
  const { ok, storedBytes, ...rest } = found
  return { ...rest, done: ok, storedBytes: String(storedBytes), manifestKey: null }
}
