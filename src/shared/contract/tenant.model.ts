import { z } from 'zod'
import { EnvironmentId, TenantId } from '../ids.ts'

/** Slug rules of DOMAIN: 2 to 40 characters, starts with a letter, ends with a letter or digit. */
export const SLUG_PATTERN = /^[a-z][a-z0-9-]{0,38}[a-z0-9]$/
export const Slug = z
  .string()
  .regex(
    SLUG_PATTERN,
    '2 to 40 lower-case letters, digits and hyphens; starts with a letter, ends with a letter or digit',
  )
  .describe('Short name of the tenant, unique in the environment')

export const TENANT_STATUSES = ['active', 'suspended', 'archived', 'provisioning', 'failed', 'restoring'] as const
export type TenantStatus = (typeof TENANT_STATUSES)[number]

/** ISO codes are checked for shape only: the registry must be able to hold what the HR system already wrote. */
export const TenantSettings = z
  .object({
    country: z
      .string()
      .regex(/^[A-Z]{2}$/, 'Two capital letters, for example IN')
      .optional()
      .describe('ISO 3166-1 alpha-2'),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/, 'Three capital letters, for example INR')
      .optional()
      .describe('ISO 4217'),
    financialYear: z
      .string()
      .regex(/^(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/, 'Month and day, for example 04-01')
      .optional()
      .describe('First day of the financial year, MM-DD'),
    timezone: z.string().min(1).max(64).optional().describe('IANA time zone, for example Asia/Kolkata'),
  })
  .catchall(z.json())
export type TenantSettings = z.infer<typeof TenantSettings>

const text = (max: number) =>
  z
    .string()
    .trim()
    .max(max)
    .regex(/^[^\p{Cc}]*$/u, 'Control characters are not allowed')

export const TenantName = text(200).min(1, 'Enter a name').describe('Name of the organisation')
export const TenantDescription = z
  .string()
  .trim()
  .max(2_000)
  .regex(/^[^\0]*$/, 'A zero character is not allowed')
  .describe('What this tenant is')
export const AdminEmail = z
  .email('Not an e-mail address')
  .max(254)
  .describe('E-mail address of the tenant’s administrator')
export const Reason = text(500).min(3, 'Say why, in a few words').describe('Why; kept in the tenant’s history')

export const TenantRef = z.object({ environmentId: EnvironmentId, tenantId: TenantId })

const Instant = z.iso.datetime().describe('UTC')

export const TenantRow = z.object({
  id: TenantId,
  name: z.string(),
  slug: z.string(),
  databaseSchema: z.string(),
  adminEmail: z.string(),
  description: z.string().nullable(),
  settings: z.record(z.string(), z.json()),
  status: z
    .enum(TENANT_STATUSES)
    .describe('failed also when the process that provisioned it is gone; restoring only while a restore is swapped'),
  suspendedAt: Instant.nullable(),
  suspensionReason: z.string().nullable(),
  createdAt: Instant,
  updatedAt: Instant,
  deletedAt: Instant.nullable(),
})
export type TenantRow = z.infer<typeof TenantRow>

/** What the tenant's own schema says; null where it cannot be read (no schema, or locked by running DDL). */
export const TenantFacts = z.object({
  schemaVersion: z.number().int().nullable().describe('Highest applied tenant migration'),
  employees: z.number().int().nullable().describe('Employees not soft-deleted'),
  sizeBytes: z.string().nullable().describe('Tables, indexes and TOAST, in bytes, as of their last vacuum or analysis'),
  lastActivityAt: Instant.nullable().describe('Latest login or audit entry of the tenant'),
})
export type TenantFacts = z.infer<typeof TenantFacts>

export const TenantListRow = TenantRow.extend({ facts: TenantFacts })
export type TenantListRow = z.infer<typeof TenantListRow>
