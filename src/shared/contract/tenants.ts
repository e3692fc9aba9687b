import { z } from 'zod'
import { EnvironmentId } from '../ids.ts'
import { Confirmation, Cursor, contract, job, mutation, page, query } from './define.ts'
import * as model from './tenant.model.ts'

export const TENANT_SORTS = ['name', 'slug', 'createdAt', 'updatedAt'] as const

export const TenantFilter = z.object({
  environmentId: EnvironmentId,
  search: z.string().trim().max(200).optional().describe('Part of the name, slug or administrator’s e-mail'),
  status: z.array(z.enum(model.TENANT_STATUSES)).optional().describe('Only these; all but deleted when absent'),
  sort: z.enum(TENANT_SORTS).default('name').describe('Column to sort by'),
  direction: z.enum(['asc', 'desc']).default('asc').describe('Ascending or descending'),
  limit: z.number().int().min(1).max(200).default(50).describe('Rows in a page'),
  cursor: Cursor.optional(),
})

const ProvisionReport = z.object({
  tenant: model.TenantRow,
  adminEmail: z.string(),
  passwordTicket: z
    .string()
    .describe('Fetches the administrator’s one-time password once, with jobs.claimSecret; gone after that'),
  steps: z.array(z.object({ name: z.string(), durationMs: z.number() })),
})

const RemovalReport = z.object({
  slug: z.string(),
  schemaDropped: z.boolean(),
  tables: z.number().int(),
  rowsEstimate: z.string().describe('Rows the schema held, from the statistics'),
})

const invalidates = ['tenants.*', 'migrations.*', 'data.*'] as const

export const CreateTenant = z.object({
  environmentId: EnvironmentId,
  name: model.TenantName,
  slug: model.Slug,
  adminEmail: model.AdminEmail,
  adminFirstName: z.string().trim().min(1).max(100).default('Admin').describe('First name of the administrator'),
  adminLastName: z.string().trim().min(1).max(100).default('User').describe('Last name of the administrator'),
  description: model.TenantDescription.optional(),
  settings: model.TenantSettings.default({}).describe('Country, currency, financial year, time zone and more'),
})

export const tenants = contract('tenants', {
  list: query({
    access: 'read',
    scope: 'fleet',
    summary: 'List tenants with schema version, employees, size and last activity',
    input: TenantFilter,
    output: page(model.TenantListRow).extend({
      total: z.number().int().describe('Tenants that match, on all pages'),
      factsProblem: z.string().nullable().describe('Why some facts are missing; null when none is'),
    }),
  }),
  get: query({
    access: 'read',
    scope: 'tenant',
    summary: 'Show one tenant',
    input: model.TenantRef,
    output: model.TenantListRow,
  }),
  history: query({
    access: 'read',
    scope: 'tenant',
    summary: 'Show what was done to a tenant',
    input: model.TenantRef.extend({
      limit: z.number().int().min(1).max(500).default(100).describe('Entries in a page'),
      cursor: Cursor.optional(),
    }),
    output: page(
      z.object({
        id: z.string(),
        who: z.string(),
        at: z.string(),
        action: z.string(),
        before: z.json().nullable(),
        after: z.json().nullable(),
        reason: z.string().nullable(),
      }),
    ),
  }),
  create: job({
    access: 'write',
    scope: 'fleet',
    summary: 'Provision a tenant: schema, migrations, default data and administrator',
    input: CreateTenant,
    output: ProvisionReport,
    invalidates,
  }),
  retry: job({
    access: 'write',
    scope: 'tenant',
    summary: 'Provision a failed tenant again from the start',
    input: model.TenantRef,
    output: ProvisionReport,
    invalidates,
  }),
  cleanUp: job({
    access: 'write',
    scope: 'tenant',
    summary: 'Remove what a failed provisioning left behind',
    input: model.TenantRef.extend({ confirmation: Confirmation.optional() }),
    output: RemovalReport,
    confirm: 'production',
    invalidates,
  }),
  update: mutation({
    access: 'write',
    scope: 'tenant',
    summary: 'Change a tenant’s name, administrator, description or settings',
    input: model.TenantRef.extend({
      name: model.TenantName.optional(),
      adminEmail: model.AdminEmail.optional(),
      description: model.TenantDescription.nullable().optional(),
      settings: model.TenantSettings.optional().describe('Merged into the present settings; null removes a setting'),
    }),
    output: model.TenantRow,
    invalidates,
  }),
  suspend: mutation({
    access: 'write',
    scope: 'tenant',
    summary: 'Suspend a tenant',
    input: model.TenantRef.extend({ reason: model.Reason, confirmation: Confirmation.optional() }),
    output: model.TenantRow,
    confirm: 'production',
    invalidates,
  }),
  reactivate: mutation({
    access: 'write',
    scope: 'tenant',
    summary: 'Make a suspended or archived tenant active again',
    input: model.TenantRef.extend({ reason: model.Reason.optional() }),
    output: model.TenantRow,
    invalidates,
  }),
  archive: mutation({
    access: 'write',
    scope: 'tenant',
    summary: 'Archive a tenant: its data stays, it leaves the everyday list',
    input: model.TenantRef.extend({ reason: model.Reason, confirmation: Confirmation.optional() }),
    output: model.TenantRow,
    confirm: 'production',
    invalidates,
  }),
  deletionPlan: query({
    access: 'read',
    role: 'dba',
    scope: 'tenant',
    summary: 'Show what deleting a tenant would lose, and its latest backup',
    input: model.TenantRef,
    output: z.object({
      slug: z.string(),
      databaseSchema: z.string(),
      tables: z.number().int(),
      rowsEstimate: z.string(),
      sizeBytes: z.string(),
      employees: z.number().int().nullable(),
      latestBackupAt: z.iso.datetime().nullable(),
      latestBackupKey: z.string().nullable(),
      backupIsRecent: z.boolean().describe('Not older than the 24 hours that a daily backup leaves'),
      backupProblem: z.string().nullable().describe('Why the backup store could not be asked'),
    }),
  }),
  delete: job({
    access: 'destructive',
    scope: 'tenant',
    summary: 'Delete a tenant and all its data for good',
    input: model.TenantRef.extend({
      confirmation: Confirmation.optional(),
      withoutBackup: z.boolean().default(false).describe('Delete although no recent backup exists'),
    }),
    output: RemovalReport,
    invalidates,
  }),
})
