import { z } from 'zod'
import { EnvironmentId } from '../ids.ts'
import * as model from './backup.model.ts'
import { Confirmation, Cursor, contract, job, mutation, page, query } from './define.ts'
import { fullOperations } from './full-dumps.ts'
import { restoreOperations } from './restores.ts'
import { TENANT_STATUSES, TenantRef } from './tenant.model.ts'

const Fleet = z.object({ environmentId: EnvironmentId })
const invalidates = ['backups.*', 'tenants.history', 'tenants.deletionPlan'] as const

/** Archives of tenants: made, listed, verified, opened, compared, deleted. */
export const archiveOperations = {
  overview: query({
    access: 'read',
    role: 'operator',
    scope: 'fleet',
    summary: 'List tenants with their latest backup, those without one first',
    input: Fleet.extend({
      search: z.string().trim().max(200).optional().describe('Part of the name or slug'),
      limit: z.number().int().min(1).max(200).default(50).describe('Rows in a page'),
      cursor: Cursor.optional(),
    }),
    output: page(
      z.object({
        tenantId: z.uuid(),
        name: z.string(),
        slug: z.string(),
        status: z.string(),
        latestAt: z.iso.datetime().nullable(),
        archive: z.string().nullable(),
        storedBytes: z.string().nullable(),
        rows: z.string().nullable(),
        isOverdue: z.boolean().describe('Older than the 26 hours that a daily backup may leave, or never'),
        verified: model.Verification.nullable().describe('Latest verification of any archive of the tenant'),
      }),
    ).extend({
      total: z.number().int(),
      overdue: z.number().int().describe('Tenants whose latest backup is overdue, on all pages'),
      store: z.string().nullable().describe('Bucket or folder; null without a backup store'),
    }),
  }),
  list: query({
    access: 'read',
    role: 'operator',
    scope: 'tenant',
    summary: 'List the archives of a tenant, the latest first',
    input: TenantRef.extend({
      limit: z.number().int().min(1).max(200).default(50).describe('Archives in a page'),
      cursor: Cursor.optional(),
    }),
    output: page(model.ArchiveRow).extend({ total: z.number().int().describe('Archives on all pages') }),
  }),
  get: query({
    access: 'read',
    role: 'operator',
    scope: 'tenant',
    summary: 'Show one archive with its tables and verifications',
    input: model.ArchiveRef,
    output: model.ArchiveDetail,
  }),
  rows: query({
    access: 'read',
    role: 'operator',
    scope: 'tenant',
    summary: 'Read one page of a table in an archive without restoring it',
    input: model.ArchiveRef.extend({
      table: model.TableName,
      key: z.array(z.string().max(1_000)).max(32).optional().describe('Only the row with this primary key'),
      limit: z.number().int().min(1).max(1_000).default(200).describe('Rows at the most'),
      cursor: Cursor.optional(),
    }),
    output: z.object({
      columns: z.array(
        z.object({ name: z.string(), type: z.string(), isPrimaryKey: z.boolean(), isMasked: z.boolean() }),
      ),
      rows: z.array(
        z.array(z.union([z.string(), z.null(), z.object({ preview: z.string(), bytes: z.number().int() })])),
      ),
      nextCursor: z.string().nullable(),
    }),
  }),
  create: job({
    access: 'write',
    role: 'operator',
    scope: 'tenant',
    summary: 'Back up a tenant',
    input: TenantRef,
    output: model.BackupReport,
    invalidates,
  }),
  createAll: job({
    access: 'write',
    role: 'operator',
    scope: 'fleet',
    summary: 'Back up all tenants',
    input: Fleet.extend({
      search: z.string().trim().max(200).optional().describe('Only tenants whose name or slug contains this'),
      status: z
        .array(z.enum(TENANT_STATUSES))
        .optional()
        .describe('Only these; all when absent. Tenants without a whole schema are skipped and named'),
      workers: z.number().int().min(1).max(8).default(2).describe('Tenants backed up at the same time'),
    }),
    output: model.FleetBackupReport,
    invalidates,
  }),
  verify: job({
    access: 'write',
    role: 'operator',
    scope: 'tenant',
    summary: 'Verify an archive',
    input: model.ArchiveRef.extend({
      depth: z.enum(model.VERIFY_DEPTHS).default('hashes').describe('hashes, or restore into a scratch schema'),
    }),
    output: model.Verification,
    invalidates,
  }),
  drill: job({
    access: 'write',
    role: 'operator',
    scope: 'fleet',
    summary: 'Restore the latest archives of a sample of tenants into scratch schemas and measure the time',
    input: Fleet.extend({
      tenants: z
        .number()
        .int()
        .min(1)
        .max(100)
        .default(3)
        .describe('Size of the sample; those not drilled longest first'),
    }),
    output: z.object({
      passed: z.number().int(),
      failed: z.number().int(),
      results: z.array(model.Verification.extend({ slug: z.string(), archive: z.string() })),
    }),
    invalidates,
  }),
  delete: job({
    access: 'destructive',
    scope: 'tenant',
    summary: 'Delete an archive for good',
    input: model.ArchiveRef.extend({ confirmation: Confirmation.optional() }),
    output: z.object({ archive: z.string(), objects: z.number().int(), storedBytes: z.string() }),
    invalidates,
  }),
  cleanupPlan: query({
    access: 'read',
    role: 'operator',
    scope: 'fleet',
    summary: 'Show what the retention rules would delete, without deleting',
    input: Fleet.extend({ policy: model.RetentionPolicy.optional().describe('The saved rules when absent') }),
    output: model.CleanupPlan,
  }),
  cleanup: job({
    access: 'destructive',
    scope: 'fleet',
    summary: 'Delete archives that no retention rule keeps, and what unfinished backups left',
    input: Fleet.extend({
      policy: model.RetentionPolicy.optional().describe('The saved rules when absent'),
      confirmation: Confirmation.optional(),
    }),
    output: model.CleanupPlan.extend({ removedBytes: z.string(), failed: z.array(z.string()) }),
    invalidates,
  }),
  retention: query({
    access: 'read',
    role: 'operator',
    scope: 'fleet',
    summary: 'Show the retention rules',
    input: Fleet,
    output: model.RetentionPolicy,
  }),
  setRetention: mutation({
    access: 'write',
    scope: 'fleet',
    summary: 'Change the retention rules',
    input: Fleet.extend({ policy: model.RetentionPolicy.describe('The rules'), confirmation: Confirmation.optional() }),
    output: model.RetentionPolicy,
    confirm: 'production',
    invalidates: ['backups.retention', 'backups.cleanupPlan'],
  }),
  compare: job({
    access: 'write',
    role: 'operator',
    scope: 'tenant',
    summary: 'Compare an archive with the live tenant or with another archive',
    input: model.ArchiveRef.extend({
      with: model.ArchivePrefix.optional().describe('The other archive; live when absent'),
    }),
    output: model.Comparison,
  }),
  differences: query({
    access: 'read',
    role: 'operator',
    scope: 'tenant',
    summary: 'Read the rows in which two sides of a comparison differ',
    input: TenantRef.extend({
      comparisonId: z.uuid().describe('Id in the result of backups.compare'),
      table: model.TableName,
      kind: z.enum(model.DIFFERENCE_KINDS).describe('Rows only left, only right, or changed'),
      limit: z.number().int().min(1).max(500).default(100).describe('Rows at the most'),
      cursor: Cursor.optional(),
    }),
    output: model.DifferencePage,
  }),
}

export const backups = contract('backups', { ...archiveOperations, ...restoreOperations, ...fullOperations })
