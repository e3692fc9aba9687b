import { z } from 'zod'
import { TenantRef } from './tenant.model.ts'

const Instant = z.iso.datetime().describe('UTC')
const Bytes = z.string().describe('Bytes')
const Count = z.string().describe('A count, as text: it may be larger than a double holds')

/** Where an archive lies, for example `backups/schemas/tenant_acme_1f3a9c0e/backup_schema_2026-01-31T02-00-00/`. */
export const ArchivePrefix = z
  .string()
  .max(400)
  .regex(
    /^backups\/schemas\/[^/\0]+\/backup_schema_\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}\/$/,
    'Not the place of a tenant archive',
  )
  .describe('Place of the archive in the backup store, as listed')

export const ArchiveRef = TenantRef.extend({ archive: ArchivePrefix })

export const TableName = z
  .string()
  .min(1)
  .max(63)
  .regex(/^[^\0]+$/, 'Not a name')
  .describe('Name of the table')

export const VERIFY_DEPTHS = ['hashes', 'restore'] as const

export const Verification = z.object({
  depth: z
    .enum([...VERIFY_DEPTHS, 'drill'])
    .describe('hashes: every object read; restore: restored into a scratch schema; drill: the same on a schedule'),
  outcome: z.enum(['passed', 'failed']),
  at: Instant,
  durationMs: z.number(),
  who: z.string(),
  problems: z.array(z.string()).describe('What is wrong, a line per finding; empty when passed'),
})
export type Verification = z.infer<typeof Verification>

export const ARCHIVE_STATES = ['complete', 'running', 'incomplete', 'damaged'] as const

/** One archive of a tenant's time line. Fields of the manifest are null where it has none or cannot be read. */
export const ArchiveRow = z.object({
  archive: ArchivePrefix,
  at: Instant.describe('When the snapshot was taken, UTC; from the name where there is no manifest'),
  state: z
    .enum(ARCHIVE_STATES)
    .describe('incomplete: what a console that died left, without a manifest; damaged: its manifest cannot be trusted'),
  problem: z.string().nullable(),
  hash: z.string().nullable().describe('SHA-256 over the manifest, which holds the hash of everything else'),
  rows: Count.nullable(),
  bytes: Bytes.nullable().describe('Bytes of data before compression'),
  storedBytes: Bytes.nullable(),
  tables: z.number().int().nullable(),
  schemaVersion: z.number().int().nullable(),
  schemaSource: z.enum(['migrations', 'pg_dump']).nullable().describe('pg_dump where the schema had drifted'),
  writtenBy: z.string().nullable(),
  verified: Verification.nullable().describe('The latest verification; null when there was none'),
  isLastGood: z.boolean().describe('The latest complete archive whose verification did not fail; never deleted'),
  store: z.string().describe('Bucket or folder that holds it'),
})
export type ArchiveRow = z.infer<typeof ArchiveRow>

export const ArchiveTable = z.object({
  name: z.string(),
  rows: Count,
  bytes: Bytes,
  storedBytes: Bytes,
  sha256: z.string().describe('Of the COPY text'),
  columns: z.array(z.object({ name: z.string(), type: z.string(), isPrimaryKey: z.boolean(), isMasked: z.boolean() })),
})

export const ArchiveDetail = ArchiveRow.extend({
  tenantName: z.string(),
  slug: z.string(),
  databaseSchema: z.string(),
  environmentName: z.string(),
  serverVersion: z.string(),
  migrations: z.array(z.object({ version: z.number().int(), name: z.string() })),
  tableList: z.array(ArchiveTable),
  verifications: z.array(Verification).describe('The latest first'),
})
export type ArchiveDetail = z.infer<typeof ArchiveDetail>

export const BackupReport = z.object({
  archive: ArchivePrefix,
  hash: z.string(),
  snapshotAt: Instant,
  tables: z.number().int(),
  rows: Count,
  bytes: Bytes,
  storedBytes: Bytes,
  schemaSource: z.enum(['migrations', 'pg_dump']),
  durationMs: z.number(),
})
export type BackupReport = z.infer<typeof BackupReport>

export const FleetOutcome = z.object({
  tenantId: z.uuid(),
  slug: z.string(),
  outcome: z.enum(['done', 'failed', 'skipped']),
  archive: z.string().nullable(),
  rows: Count.nullable(),
  storedBytes: Bytes.nullable(),
  durationMs: z.number(),
  problem: z.string().nullable().describe('Why it failed or was skipped'),
})
export type FleetOutcome = z.infer<typeof FleetOutcome>

export const FleetBackupReport = z.object({
  manifestKey: z.string().nullable().describe('The fleet manifest in the backup store'),
  done: z.number().int(),
  failed: z.number().int(),
  skipped: z.number().int(),
  storedBytes: Bytes,
  durationMs: z.number(),
  outcomes: z.array(FleetOutcome).describe('The failed ones first; all of them are in the fleet manifest').max(500),
})
export type FleetBackupReport = z.infer<typeof FleetBackupReport>

/** What is kept, counted from now. An archive that any rule keeps is kept, and the last good one of a tenant always. */
export const RetentionPolicy = z.object({
  days: z.number().int().min(0).max(3_650).default(30).describe('Keep what is younger than these days'),
  last: z.number().int().min(1).max(1_000).default(3).describe('Keep the latest N of each tenant, whatever their age'),
  weekly: z
    .number()
    .int()
    .min(0)
    .max(520)
    .default(0)
    .describe('Keep the latest of each of the past N weeks (ISO weeks, UTC)'),
  monthly: z.number().int().min(0).max(240).default(0).describe('Keep the latest of each of the past N months (UTC)'),
})
export type RetentionPolicy = z.infer<typeof RetentionPolicy>

export const CleanupItem = z.object({
  kind: z
    .enum(['archive', 'incomplete', 'upload', 'full', 'kept', 'database'])
    .describe(
      'kept: a schema that a restore kept and whose time is over; database: of a whole restore that a dead console left',
    ),
  key: z.string().describe('Prefix or key in the backup store; name of the schema or database'),
  databaseSchema: z.string().nullable(),
  at: Instant,
  storedBytes: Bytes.nullable(),
  reason: z.string(),
})

export const CleanupPlan = z.object({
  policy: RetentionPolicy,
  remove: z.array(CleanupItem),
  keep: z.number().int().describe('Archives that stay'),
  removeBytes: Bytes,
  problems: z.array(z.string()).describe('What could not be judged and therefore stays'),
})
export type CleanupPlan = z.infer<typeof CleanupPlan>

/** How two sides of a table differ. Counts of rows. */
export const TableComparison = z.object({
  table: z.string(),
  state: z.enum(['equal', 'different', 'only-left', 'only-right']),
  leftRows: Count.nullable(),
  rightRows: Count.nullable(),
  onlyLeft: Count,
  onlyRight: Count,
  changed: Count,
  hasKey: z.boolean().describe('Without a primary key rows are only here or only there, never changed'),
  note: z.string().nullable().describe('For example columns that one side lacks'),
})
export type TableComparison = z.infer<typeof TableComparison>

export const Comparison = z.object({
  comparisonId: z.uuid(),
  left: z.string(),
  right: z.string(),
  comparedAt: Instant,
  tables: z.array(TableComparison),
})
export type Comparison = z.infer<typeof Comparison>

const Cell = z.union([z.string(), z.null(), z.object({ preview: z.string(), bytes: z.number().int() })])

/** Rows of one kind of difference; masked columns never hold values. */
export const DifferencePage = z.object({
  columns: z.array(z.object({ name: z.string(), type: z.string(), isPrimaryKey: z.boolean(), isMasked: z.boolean() })),
  rows: z.array(
    z.object({
      left: z.array(Cell).nullable(),
      right: z.array(Cell).nullable(),
      changed: z.array(z.string()).describe('Names of the columns whose values differ'),
    }),
  ),
  nextCursor: z.string().nullable(),
})
export type DifferencePage = z.infer<typeof DifferencePage>

export const DIFFERENCE_KINDS = ['onlyLeft', 'onlyRight', 'changed'] as const
