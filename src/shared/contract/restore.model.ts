import { z } from 'zod'
import { ArchivePrefix, TableComparison, Verification } from './backup.model.ts'

const Instant = z.iso.datetime().describe('UTC')
const Bytes = z.string().describe('Bytes')
const Count = z.string().describe('A count, as text')

export const SCHEMA_CHOICES = ['migrate', 'as-archived'] as const
export const SchemaChoice = z
  .enum(SCHEMA_CHOICES)
  .describe('migrate: an older archive is migrated forward beside live; as-archived: it comes back at its own version')

export const HOLDS = ['wait', 'refuse'] as const
export const Hold = z
  .enum(HOLDS)
  .describe('How writers are held off for the final check: they wait for a lock, or are refused with a message')

/** Someone who is connected to the tenant's data now, from pg_stat_activity and pg_locks. */
export const TenantSession = z.object({
  pid: z.number().int(),
  user: z.string().nullable(),
  application: z.string().nullable(),
  client: z.string().nullable(),
  state: z.string().nullable(),
  /** Seconds since its transaction began; null outside one. */
  transactionSeconds: z.number().nullable(),
  holdsLocks: z.boolean(),
})

/** What a restore would do, before anything is built. */
export const RestorePlan = z.object({
  environmentName: z.string(),
  environmentClass: z.string(),
  slug: z.string(),
  tenantName: z.string(),
  databaseSchema: z.string(),
  archive: ArchivePrefix,
  archiveAt: Instant,
  archiveHash: z.string(),
  archiveRows: Count,
  verified: Verification.nullable(),
  liveRows: Count.describe('Counted where that is quick, else from the statistics'),
  isLiveRowsExact: z.boolean(),
  lastActivityAt: Instant.nullable(),
  tables: z.array(
    z.object({
      table: z.string(),
      archiveRows: Count.nullable(),
      liveRows: Count.nullable(),
      /** Rows of live that were made or changed after the snapshot, by their created_at / updated_at; null without them. */
      newerRows: Count.nullable(),
    }),
  ),
  archiveVersion: z.number().int().nullable(),
  liveVersion: z.number().int().nullable(),
  latestVersion: z.number().int(),
  versionNote: z.string().nullable().describe('What the difference of versions means; null when there is none'),
  archiveDrift: z.string().nullable(),
  liveDrift: z.string().nullable().describe('How live differs from its migrations; null when it does not'),
  neededBytes: Bytes.describe('Space that the side schema needs, estimated from live and archive'),
  freeBytes: Bytes.nullable().describe('Null where the server does not tell'),
  estimatedSeconds: z.number().describe('From the bytes of the archive; a rough figure'),
  sessions: z.array(TenantSession),
  otherRestores: z.array(z.string()).describe('Restores of this tenant that are on their way or ready'),
})
export type RestorePlan = z.infer<typeof RestorePlan>

export const RESTORE_STATES = [
  'preparing',
  'ready',
  'swapping',
  'done',
  'undone',
  'failed',
  'cancelled',
  'discarded',
] as const
export const RESTORE_PURPOSES = ['replace', 'clone', 'transfer', 'rows'] as const

export const RestoreVerification = z.object({
  outcome: z.enum(['passed', 'failed']),
  at: Instant,
  tables: z.array(
    z.object({
      table: z.string(),
      rows: Count,
      expectedRows: Count,
      isEqual: z.boolean(),
      note: z.string().nullable(),
    }),
  ),
})
export type RestoreVerification = z.infer<typeof RestoreVerification>

export const Restore = z.object({
  id: z.uuid(),
  tenantId: z.uuid(),
  slug: z.string(),
  purpose: z.enum(RESTORE_PURPOSES),
  state: z
    .enum(RESTORE_STATES)
    .describe(
      'A restore whose console died while preparing or swapping shows as failed; what it left can be discarded',
    ),
  archive: z.string(),
  archiveHash: z.string(),
  archiveAt: Instant,
  schemaChoice: SchemaChoice,
  sideSchema: z.string().nullable().describe('Schema beside live, while it exists'),
  keptSchema: z.string().nullable().describe('The schema that was live before, while it is kept'),
  keptUntil: Instant.nullable(),
  comparison: z.array(TableComparison).nullable().describe('Left is the archive, right is live'),
  comparedAt: Instant.nullable(),
  verification: RestoreVerification.nullable(),
  token: z.string().nullable().describe('Stands for archive, live state and plan; the swap takes no other'),
  problem: z.string().nullable(),
  reason: z.string().nullable(),
  who: z.string(),
  createdAt: Instant,
  updatedAt: Instant,
  finishedAt: Instant.nullable(),
})
export type Restore = z.infer<typeof Restore>

/** While writers are held off and live differs from what was confirmed: the operator has to accept or cancel. */
export const PendingDecision = z.object({
  restoreId: z.uuid(),
  token: z.string().describe('Accept with this one: it stands for live as it is now'),
  deadline: Instant.describe('The hold ends by itself then, and nothing is changed'),
  changes: z
    .array(z.object({ table: z.string(), rowsBefore: Count, rowsNow: Count }))
    .describe('Tables whose rows changed since the comparison'),
  comparison: z.array(TableComparison),
})
export type PendingDecision = z.infer<typeof PendingDecision>

export const SwapReport = z.object({
  restore: Restore,
  /** Milliseconds of the transaction that renames, from its first rename to the answer of COMMIT. */
  swapMs: z.number(),
  /** Milliseconds for which writers were held off. */
  heldMs: z.number(),
  verification: RestoreVerification,
})
export type SwapReport = z.infer<typeof SwapReport>

export const KEPT_KINDS = ['before', 'undone', 'side', 'scratch'] as const
/** A schema that restores left on the server: kept for undo, or left over. */
export const KeptSchema = z.object({
  schema: z.string(),
  kind: z
    .enum(KEPT_KINDS)
    .describe('before: live before a restore; undone: what an undo took away; side: beside live, not swapped; scratch'),
  tenantId: z.uuid().nullable(),
  slug: z.string().nullable(),
  restoreId: z.uuid().nullable(),
  sizeBytes: Bytes,
  keptUntil: Instant.nullable(),
  isExpired: z.boolean(),
  isInUse: z.boolean().describe('Belongs to a restore that is on its way; cannot be removed'),
  createdAt: Instant.nullable(),
})
export type KeptSchema = z.infer<typeof KeptSchema>

export const UndoPlan = z.object({
  restore: Restore,
  canUndo: z.boolean(),
  problem: z.string().nullable().describe('Why it cannot be undone'),
  comparison: z
    .array(TableComparison)
    .describe('Left is the kept schema that would come back, right is live; rows only in live would leave with it'),
  token: z.string().nullable(),
})
export type UndoPlan = z.infer<typeof UndoPlan>

export const RowChoice = z.object({
  table: z.string().min(1).max(63).describe('Name of the table'),
  mode: z.enum(['insert-missing', 'overwrite']).describe('Only rows that live lacks, or also those that differ'),
  keys: z
    .array(z.array(z.string().max(1_000)).min(1).max(32))
    .max(10_000)
    .optional()
    .describe('Primary keys of the chosen rows; all that differ when absent'),
})
export type RowChoice = z.infer<typeof RowChoice>

export const RowsPlan = z.object({
  restoreId: z.uuid(),
  token: z.string(),
  tables: z.array(z.object({ table: z.string(), insert: Count, overwrite: Count, untouched: Count })),
})
export type RowsPlan = z.infer<typeof RowsPlan>
