import { z } from 'zod'
import { EnvironmentId } from '../ids.ts'
import { ArchivePrefix, ArchiveRef, DIFFERENCE_KINDS, DifferencePage, TableName } from './backup.model.ts'
import { Confirmation, Cursor, job, mutation, query } from './define.ts'
import * as model from './restore.model.ts'
import { AdminEmail, Slug, TenantName, TenantRef, TenantRow } from './tenant.model.ts'

const RestoreRef = TenantRef.extend({ restoreId: z.uuid().describe('Id of the restore') })
const invalidates = ['backups.*', 'tenants.*', 'data.*', 'migrations.*'] as const

const HoldChoice = {
  hold: model.Hold.default('wait'),
  lockTimeoutMs: z
    .number()
    .int()
    .min(100)
    .max(60_000)
    .default(2_000)
    .describe('Milliseconds to wait for others to leave the tables'),
  limitSeconds: z
    .number()
    .int()
    .min(1)
    .max(600)
    .default(60)
    .describe('Seconds for which writers may be held off at most, with the time to decide'),
}

/** Restore: beside → compare → confirm → swap → undo. */
export const restoreOperations = {
  plan: query({
    access: 'read',
    role: 'operator',
    scope: 'tenant',
    summary: 'Show what restoring an archive would do',
    input: ArchiveRef,
    output: model.RestorePlan,
  }),
  prepare: job({
    access: 'write',
    role: 'operator',
    scope: 'tenant',
    summary: 'Restore an archive beside the live tenant, verify it and compare it with live',
    input: ArchiveRef.extend({ schemaChoice: model.SchemaChoice.default('migrate') }),
    output: model.Restore,
    invalidates: ['backups.*'],
  }),
  restores: query({
    access: 'read',
    role: 'operator',
    scope: 'tenant',
    summary: 'List the restores of a tenant, the latest first',
    input: TenantRef.extend({ limit: z.number().int().min(1).max(200).default(50).describe('Restores at the most') }),
    output: z.array(model.Restore),
  }),
  restoreState: query({
    access: 'read',
    role: 'operator',
    scope: 'tenant',
    summary: 'Show one restore and the decision it waits for',
    input: RestoreRef,
    output: z.object({ restore: model.Restore, pending: model.PendingDecision.nullable() }),
  }),
  sideDifferences: query({
    access: 'read',
    role: 'operator',
    scope: 'tenant',
    summary: 'Read the rows in which a prepared restore differs from live',
    input: RestoreRef.extend({
      table: TableName,
      kind: z.enum(DIFFERENCE_KINDS).describe('Left is the archive, right is live'),
      limit: z.number().int().min(1).max(500).default(100).describe('Rows at the most'),
      cursor: Cursor.optional(),
    }),
    output: DifferencePage,
  }),
  recompare: job({
    access: 'write',
    role: 'operator',
    scope: 'tenant',
    summary: 'Compare a prepared restore with live once more',
    input: RestoreRef,
    output: model.Restore,
    invalidates: ['backups.*'],
  }),
  restore: job({
    access: 'destructive',
    role: 'operator',
    scope: 'tenant',
    summary: 'Swap a prepared restore with the live tenant',
    input: RestoreRef.extend({
      token: z.string().max(100).describe('Token of the comparison that was confirmed'),
      ...HoldChoice,
      keepDays: z.number().int().min(1).max(365).default(7).describe('Days for which what was live is kept for undo'),
      onChange: z
        .enum(['ask', 'stop'])
        .default('ask')
        .describe('When live changed since: hold writers off and ask within the limit, or stop at once'),
      confirmation: Confirmation.optional(),
    }),
    output: model.SwapReport,
    invalidates,
  }),
  decide: mutation({
    access: 'write',
    role: 'operator',
    scope: 'tenant',
    summary: 'Accept or cancel what changed while a restore holds writers off',
    input: RestoreRef.extend({
      token: z.string().max(100).describe('Token of the pending decision'),
      accept: z.boolean().describe('Go on with the swap, or let go and change nothing'),
    }),
    output: z.object({ accepted: z.boolean() }),
    invalidates: ['backups.*'],
  }),
  discard: job({
    access: 'write',
    role: 'operator',
    scope: 'tenant',
    summary: 'Remove the side schema of a restore that was not swapped',
    input: RestoreRef,
    output: model.Restore,
    invalidates: ['backups.*'],
  }),
  undoPlan: query({
    access: 'read',
    role: 'operator',
    scope: 'tenant',
    summary: 'Show what undoing a restore would bring back and take away',
    input: RestoreRef,
    output: model.UndoPlan,
  }),
  undo: job({
    access: 'destructive',
    role: 'operator',
    scope: 'tenant',
    summary: 'Undo a restore: swap the kept schema back',
    input: RestoreRef.extend({
      token: z.string().max(100).describe('Token of the undo plan'),
      ...HoldChoice,
      confirmation: Confirmation.optional(),
    }),
    output: model.SwapReport,
    invalidates,
  }),
  rowsPlan: query({
    access: 'read',
    role: 'operator',
    scope: 'tenant',
    summary: 'Show what bringing chosen rows of a prepared restore back into live would change',
    input: RestoreRef.extend({
      tables: z.array(model.RowChoice).min(1).max(200).describe('Tables and rows to bring back'),
    }),
    output: model.RowsPlan,
  }),
  restoreRows: job({
    access: 'destructive',
    role: 'operator',
    scope: 'tenant',
    summary: 'Bring chosen rows of a prepared restore back into live, in one transaction',
    input: RestoreRef.extend({
      tables: z.array(model.RowChoice).min(1).max(200).describe('Tables and rows to bring back'),
      token: z.string().max(100).describe('Token of the rows plan'),
      confirmation: Confirmation.optional(),
    }),
    output: z.object({
      tables: z.array(z.object({ table: z.string(), inserted: z.string(), overwritten: z.string() })),
    }),
    invalidates,
  }),
  clone: job({
    access: 'write',
    scope: 'fleet',
    summary: 'Restore an archive as a new tenant, here or from another environment',
    input: z.object({
      environmentId: EnvironmentId.describe('Environment in which the new tenant is made'),
      sourceEnvironmentId: EnvironmentId.optional().describe('Environment whose backup store holds the archive'),
      archive: ArchivePrefix,
      slug: Slug,
      name: TenantName,
      adminEmail: AdminEmail.optional().describe('As archived when absent'),
      schemaChoice: model.SchemaChoice.default('migrate'),
      mask: z.boolean().default(false).describe('Replace personal data while it is loaded'),
      confirmation: Confirmation.optional(),
    }),
    output: z.object({
      tenant: TenantRow,
      rows: z.string(),
      masked: z.boolean(),
      verification: model.RestoreVerification,
    }),
    confirm: 'production',
    invalidates,
  }),
  kept: query({
    access: 'read',
    role: 'operator',
    scope: 'fleet',
    summary: 'List schemas that restores keep for undo or left over',
    input: z.object({ environmentId: EnvironmentId }),
    output: z.array(model.KeptSchema),
  }),
  removeKept: job({
    access: 'destructive',
    scope: 'fleet',
    summary: 'Drop schemas that restores kept or left over',
    input: z.object({
      environmentId: EnvironmentId,
      schemas: z
        .array(z.string().min(1).max(63))
        .max(500)
        .optional()
        .describe('Names as listed; all expired ones when absent'),
      confirmation: Confirmation.optional(),
    }),
    output: z.object({
      removed: z.array(z.string()),
      failed: z.array(z.object({ schema: z.string(), problem: z.string() })),
    }),
    invalidates: ['backups.*'],
  }),
}
