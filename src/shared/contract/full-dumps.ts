import { z } from 'zod'
import { EnvironmentId } from '../ids.ts'
import { Confirmation, job, query } from './define.ts'

const Fleet = z.object({ environmentId: EnvironmentId })
const Instant = z.iso.datetime().describe('UTC')

export const DUMP_FORMATS = ['custom', 'sql.gz'] as const

/** `backups/<year>/<month>/backup_full_<stamp>.sql.gz`, the key layout of DOMAIN; a custom-format dump ends in `.dump`. */
export const DumpKey = z
  .string()
  .max(200)
  .regex(
    /^backups\/\d{4}\/\d{2}\/backup_full_\d{4}-\d{2}-\d{2}T\d{2}-\d{2}-\d{2}\.(sql\.gz|dump)$/,
    'Not the key of a whole-database dump',
  )
  .describe('Key of the dump in the backup store')

const ToolsFolder = z
  .string()
  .max(4_096)
  .optional()
  .describe('Folder with pg_dump and pg_restore; searched for when absent')

export const FullDump = z.object({
  key: DumpKey,
  at: Instant,
  state: z.enum(['complete', 'incomplete']),
  format: z.enum(DUMP_FORMATS),
  storedBytes: z.string(),
  sha256: z.string().nullable(),
  database: z.string().nullable(),
  serverVersion: z.string().nullable(),
  toolVersion: z.string().nullable(),
})
export type FullDump = z.infer<typeof FullDump>

export const FullDumpPlan = z.object({
  database: z.string(),
  serverVersion: z.string(),
  tool: z.string().describe('Path of pg_dump'),
  toolVersion: z.string(),
  command: z.string().describe('The command as it will run, without secrets'),
  databaseBytes: z.string(),
  tables: z.number().int(),
  lockSlots: z.number().int().describe('Locks that the server’s lock table was sized for'),
  exhaustsLocks: z.boolean().describe('Dumping would need most of them; back up all tenants one by one instead'),
  advice: z.string().nullable(),
})
export type FullDumpPlan = z.infer<typeof FullDumpPlan>

/** Dumps of a whole database through pg_dump and pg_restore. */
export const fullOperations = {
  planFull: query({
    access: 'read',
    role: 'operator',
    scope: 'fleet',
    summary: 'Show how the whole database would be dumped, with the exact command',
    input: Fleet.extend({
      format: z.enum(DUMP_FORMATS).default('custom').describe('custom or sql.gz'),
      toolsFolder: ToolsFolder,
    }),
    output: FullDumpPlan,
  }),
  createFull: job({
    access: 'write',
    role: 'operator',
    scope: 'fleet',
    summary: 'Dump the whole database with pg_dump',
    input: Fleet.extend({
      format: z.enum(DUMP_FORMATS).default('custom').describe('custom or sql.gz'),
      toolsFolder: ToolsFolder,
      despiteLocks: z.boolean().default(false).describe('Go on although the lock table may be exhausted'),
    }),
    output: FullDump.extend({ durationMs: z.number(), command: z.string() }),
    invalidates: ['backups.listFull'],
  }),
  listFull: query({
    access: 'read',
    role: 'operator',
    scope: 'fleet',
    summary: 'List whole-database dumps, the latest first',
    input: Fleet,
    output: z.array(FullDump),
  }),
  verifyFull: job({
    access: 'write',
    role: 'operator',
    scope: 'fleet',
    summary: 'Verify a whole-database dump: its hash, and that pg_restore reads it',
    input: Fleet.extend({ key: DumpKey, toolsFolder: ToolsFolder }),
    output: z.object({
      outcome: z.enum(['passed', 'failed']),
      problems: z.array(z.string()),
      entries: z.number().int().nullable(),
    }),
  }),
  restoreFull: job({
    access: 'write',
    scope: 'fleet',
    summary: 'Restore a whole-database dump into a new database',
    input: Fleet.extend({
      key: DumpKey,
      database: z
        .string()
        .min(1)
        .max(63)
        .regex(/^[^=\0\n\r]+$/, 'A database name must not contain = or line breaks')
        .describe('Name of the database to create; it must not exist'),
      toolsFolder: ToolsFolder,
      confirmation: Confirmation.optional(),
    }),
    output: z.object({ database: z.string(), objects: z.number().int(), durationMs: z.number(), command: z.string() }),
    confirm: 'production',
  }),
  deleteFull: job({
    access: 'destructive',
    scope: 'fleet',
    summary: 'Delete a whole-database dump for good',
    input: Fleet.extend({ key: DumpKey, confirmation: Confirmation.optional() }),
    output: z.object({ key: z.string(), storedBytes: z.string() }),
    invalidates: ['backups.listFull'],
  }),
}
