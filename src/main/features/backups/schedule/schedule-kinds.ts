import { z } from 'zod'
import { archiveOperations } from '#shared/contract/backups.ts'
import type { Environment } from '#shared/contract/environment.model.ts'
import { fullOperations } from '#shared/contract/full-dumps.ts'
import type { SCHEDULE_KINDS } from '#shared/contract/schedules.ts'
import { invalidInput } from '#shared/errors.ts'
import type { Json } from '#shared/json.ts'
import { DEFAULT_CLEANUP_CRON } from '../catalogue/retention.repository.ts'

export type ScheduleKind = (typeof SCHEDULE_KINDS)[number]
export type ScheduleOptions = Record<string, Json>

interface KindRules {
  operation: string
  /** Until somebody says otherwise. */
  cron: string
  /** What a run may be given. */
  options: z.ZodType
  /** Why a run that ended is not well all the same; null when it is. */
  problemOf(result: unknown): string | null
}

const { createAll, drill, cleanup } = archiveOperations
const Counted = z.object({ failed: z.number() })
const Cleaned = z.object({ failed: z.array(z.string()) })

const tenantsFailed = (result: unknown): string | null => {
  const failed = Counted.safeParse(result).data?.failed ?? 0
  return failed === 0 ? null : `${failed} ${failed === 1 ? 'tenant' : 'tenants'} failed; the job names them.`
}

export const KINDS: Readonly<Record<ScheduleKind, KindRules>> = {
  fleet: {
    operation: 'backups.createAll',
    cron: '0 2 * * *',
    options: createAll.input.omit({ environmentId: true }).partial().strict(),
    problemOf: tenantsFailed,
  },
  full: {
    operation: 'backups.createFull',
    cron: '0 3 * * 0',
    // No folder of tools: a path on one machine, to a program that is run, has no place in what all consoles share.
    options: fullOperations.createFull.input.omit({ environmentId: true, toolsFolder: true }).partial().strict(),
    problemOf: () => null,
  },
  drill: {
    operation: 'backups.drill',
    cron: '0 4 * * 0',
    options: drill.input.omit({ environmentId: true }).partial().strict(),
    problemOf: tenantsFailed,
  },
  cleanup: {
    operation: 'backups.cleanup',
    cron: DEFAULT_CLEANUP_CRON,
    options: cleanup.input.omit({ environmentId: true, confirmation: true }).partial().strict(),
    problemOf: result => {
      const failed = Cleaned.safeParse(result).data?.failed ?? []
      return failed.length === 0 ? null : `${failed.length} items could not be removed, the first: ${failed[0]}`
    },
  },
}

/** Rejects with INVALID_INPUT for what a run of this kind cannot be given. */
export function checkOptions(kind: ScheduleKind, options: ScheduleOptions): void {
  const parsed = KINDS[kind].options.safeParse(options)
  if (parsed.success) return
  const [issue] = parsed.error.issues
  throw invalidInput({ [['options', ...(issue?.path ?? [])].map(String).join('.')]: issue?.message ?? 'Not valid.' })
}

export interface ScheduledJob {
  operation: string
  input: object
}

/**
 * The operation that a run calls, with all that a person would have given. A clean-up asks for the typed name of the environment: here
 * the schedule gives it, because a dba, who in production typed it, has set the schedule and the rules inside which it deletes. The
 * rules are those that are saved at that moment.
 */
export function scheduledJob(
  kind: ScheduleKind,
  environment: Pick<Environment, 'id' | 'name'>,
  schedule: { options: ScheduleOptions; updatedBy: string },
): ScheduledJob {
  const { operation } = KINDS[kind]
  const environmentId = environment.id
  if (kind !== 'cleanup') return { operation, input: { ...schedule.options, environmentId } }
  const confirmation = { typed: environment.name, reason: `Scheduled by ${schedule.updatedBy}` }
  return { operation, input: { environmentId, confirmation } }
}
