import { z } from 'zod'
import { Cursor, contract, query } from './define.ts'
import { TenantRef } from './tenant.model.ts'

const Identifier = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[^\0]+$/, 'Not a name')

export const DataTable = z.object({
  name: z.string(),
  rowsEstimate: z.string().nullable().describe('From the statistics; null when never analysed'),
  sizeBytes: z.string().describe('Table, indexes and TOAST, in bytes'),
  comment: z.string().nullable(),
})
export type DataTable = z.infer<typeof DataTable>

export const DataColumn = z.object({
  name: z.string(),
  type: z.string().describe('As format_type writes it, for example numeric(14,2)'),
  nullable: z.boolean(),
  isPrimaryKey: z.boolean(),
  isSortable: z.boolean().describe('Leads an index, so that any page of any size is found at once'),
  isMasked: z.boolean().describe('Personal data; its values arrive masked'),
  references: z.string().nullable().describe('Table that a foreign key of this column alone points to'),
})
export type DataColumn = z.infer<typeof DataColumn>

/** A cell as text in PostgreSQL's own output form; null is SQL NULL. Long values are cut, with their full size. */
export const DataCell = z.union([z.string(), z.null(), z.object({ preview: z.string(), bytes: z.number().int() })])
export type DataCell = z.infer<typeof DataCell>

export const data = contract('data', {
  tables: query({
    access: 'read',
    scope: 'tenant',
    summary: 'List the tables of a tenant with row estimate and size',
    input: TenantRef,
    output: z.array(DataTable),
  }),
  page: query({
    access: 'read',
    scope: 'tenant',
    summary: 'Read one page of a tenant’s table',
    input: TenantRef.extend({
      table: Identifier.describe('Name of the table'),
      sort: Identifier.optional().describe('An indexed column; the primary key when absent'),
      direction: z.enum(['asc', 'desc']).default('asc').describe('Ascending puts NULL last, descending first'),
      limit: z.number().int().min(1).max(1_000).default(200).describe('Rows at the most; a page also ends at 512 KiB'),
      cursor: Cursor.optional(),
    }),
    output: z.object({
      columns: z.array(DataColumn),
      rows: z.array(z.array(DataCell)).describe('Cells in the order of columns'),
      nextCursor: z.string().nullable(),
    }),
  }),
})
