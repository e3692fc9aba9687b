import { z } from 'zod'
import { EnvironmentId, JobId, TenantId } from '../ids.ts'
import { contract, mutation, query, stream } from './define.ts'
import { ErrorShape } from './error.model.ts'

export const JOB_STATES = [
  'queued',
  'running',
  'cancelling',
  'succeeded',
  'failed',
  'cancelled',
  /** The process died; found at the next start, never resumed by itself. */
  'interrupted',
] as const
export type JobState = (typeof JOB_STATES)[number]

export const JOB_END_STATES = ['succeeded', 'failed', 'cancelled', 'interrupted'] as const
export const isJobOver = (state: JobState): boolean => JOB_END_STATES.some(end => end === state)

export const JobProgress = z.object({
  done: z.number(),
  total: z.number().nullable().describe('Null while it is not known'),
  unit: z.string().describe('What is counted: steps, rows, bytes, tenants'),
  note: z.string().nullable(),
})
export type JobProgress = z.infer<typeof JobProgress>

export const JobStep = z.object({
  name: z.string(),
  state: z.enum(['running', 'done', 'failed']),
  durationMs: z.number().nullable(),
})
export type JobStep = z.infer<typeof JobStep>

export const JobSnapshot = z.object({
  id: JobId,
  operation: z.string(),
  title: z.string().describe('The operation’s summary with what it acts on'),
  environmentId: EnvironmentId.nullable(),
  tenantId: TenantId.nullable(),
  who: z.string(),
  state: z.enum(JOB_STATES),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
  progress: JobProgress.nullable(),
  steps: z.array(JobStep),
  log: z.array(z.object({ at: z.iso.datetime(), text: z.string() })).describe('The latest lines'),
  result: z.json().nullable(),
  error: ErrorShape.nullable(),
})
export type JobSnapshot = z.infer<typeof JobSnapshot>

/** What a call of a job operation answers at once. */
export const JobStarted = z.object({ jobId: JobId })
export type JobStarted = z.infer<typeof JobStarted>

const JobRef = z.object({ jobId: JobId })

export const jobs = contract('jobs', {
  list: query({
    access: 'read',
    scope: 'app',
    summary: 'List jobs, the latest first',
    input: z.object({ limit: z.number().int().min(1).max(500).default(100).describe('Jobs at the most') }),
    output: z.array(JobSnapshot),
  }),
  get: query({ access: 'read', scope: 'app', summary: 'Show one job', input: JobRef, output: JobSnapshot }),
  watch: stream({
    access: 'read',
    scope: 'app',
    summary: 'Follow one job until it ends, or all jobs',
    input: z.object({ jobId: JobId.optional() }),
    event: JobSnapshot,
    output: z.object({}),
  }),
  cancel: mutation({
    access: 'write',
    role: 'support',
    scope: 'app',
    summary: 'Cancel a job',
    input: JobRef,
    output: JobSnapshot,
    invalidates: ['jobs.*'],
  }),
  claimSecret: mutation({
    access: 'write',
    role: 'support',
    scope: 'app',
    summary: 'Fetch a one-time secret that a job made; it can be fetched once',
    input: z.object({
      ticket: z.string().max(100).meta({ secret: true, description: 'Ticket in the result of the job' }),
    }),
    output: z.object({ value: z.string().meta({ secret: true }) }),
  }),
})
