import { z } from 'zod'
import { EnvironmentId, TenantId } from '../ids.ts'
import { Cursor, contract, page, query } from './define.ts'

export const AuditEntry = z.object({
  id: z.string(),
  at: z.iso.datetime(),
  who: z.string(),
  host: z.string(),
  operation: z.string(),
  environmentId: EnvironmentId.nullable(),
  environmentName: z.string().nullable(),
  tenantId: TenantId.nullable(),
  tenantSlug: z.string().nullable(),
  input: z.json().describe('As given, with secrets and personal data replaced'),
  outcome: z.string().describe('ok, started (a job), or the error code'),
  durationMs: z.number(),
  errorId: z.string().nullable(),
})
export type AuditEntry = z.infer<typeof AuditEntry>

export const audit = contract('audit', {
  list: query({
    access: 'read',
    role: 'operator',
    scope: 'app',
    summary: 'List what was done from this console, the latest first',
    input: z.object({
      environmentId: EnvironmentId.optional(),
      tenantId: TenantId.optional(),
      limit: z.number().int().min(1).max(500).default(100).describe('Entries in a page'),
      cursor: Cursor.optional(),
    }),
    output: page(AuditEntry),
  }),
})
