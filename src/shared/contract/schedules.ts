import { z } from 'zod'
import { EnvironmentId } from '../ids.ts'
import { Confirmation, contract, mutation, query } from './define.ts'

const Fleet = z.object({ environmentId: EnvironmentId })

export const SCHEDULE_KINDS = ['fleet', 'full', 'drill', 'cleanup'] as const

export const Schedule = z.object({
  kind: z.enum(SCHEDULE_KINDS).describe('Back up all tenants, dump the database, restore drill, or clean up'),
  cron: z.string().describe('Cron expression of five fields, in UTC'),
  isEnabled: z.boolean(),
  options: z.record(z.string(), z.json()),
  nextRunAt: z.iso.datetime().nullable(),
  lastRunAt: z.iso.datetime().nullable(),
  lastOutcome: z.enum(['done', 'failed']).nullable(),
  lastProblem: z.string().nullable(),
  missedRuns: z.number().int().describe('Runs whose time passed while nothing was there to start them'),
  missedSince: z.iso.datetime().nullable(),
})
export type Schedule = z.infer<typeof Schedule>

export const schedules = contract('schedules', {
  list: query({
    access: 'read',
    role: 'operator',
    scope: 'fleet',
    summary: 'List the schedules of an environment, with missed runs',
    input: Fleet,
    output: z.object({
      items: z.array(Schedule),
      runner: z
        .object({ who: z.string(), since: z.iso.datetime(), application: z.string() })
        .nullable()
        .describe('The one that runs the schedules now; null when nobody does'),
    }),
  }),
  set: mutation({
    access: 'write',
    scope: 'fleet',
    summary: 'Change a schedule',
    input: Fleet.extend({
      kind: z.enum(SCHEDULE_KINDS).describe('Which one'),
      cron: z.string().trim().min(9).max(100).optional().describe('Five fields, in UTC, for example 0 2 * * *'),
      isEnabled: z.boolean().optional().describe('Whether it runs'),
      options: z.record(z.string(), z.json()).optional().describe('What the run is given'),
      confirmation: Confirmation.optional(),
    }),
    output: Schedule,
    confirm: 'production',
    invalidates: ['schedules.*'],
  }),
})
