import type { Environment } from '#shared/contract/environment.model.ts'
import type { BackupStore } from '../../../connections/backup/backup-store.ts'
import type { DumpFormat } from './layout.ts'
import type { LockEstimate } from './lock-estimate.ts'
import type { ShownCommand } from './shown-command.ts'
import type { ToolConnection } from './tool-environment.ts'

/** The stores of one environment, as these operations need them. */
export interface FullDumpTarget {
  environment: Pick<Environment, 'name' | 'class'>
  /** The database that is dumped; restores go to new databases of the same server. */
  postgres: ToolConnection
  store: DumpStore
}

/** What these operations ask of a backup store. */
export type DumpStore = Pick<BackupStore, 'put' | 'get' | 'delete' | 'list' | 'listAll'>

export type FullDumpPhase = 'dumping' | 'reading' | 'checking' | 'restoring' | 'verifying'

export interface FullDumpProgress {
  phase: FullDumpPhase
  /** Of the dump. A restore over several connections knows it only at its end: count objects then. */
  bytes: number
  /** null where it cannot be known before the end. */
  totalBytes: number | null
  /** Tables of a dump, entries of the table of contents of a restore. */
  objects: number
  totalObjects: number | null
}

export interface FullDumpJob {
  signal: AbortSignal
  progress?: ((progress: FullDumpProgress) => void) | undefined
}

export interface CreateOptions {
  format: DumpFormat
  /** Dump although the plan's advice is another way. */
  ignoreLockTable?: boolean | undefined
  /** Milliseconds to wait for a table that somebody else has locked; 60,000 unless told. */
  lockWaitMs?: number | undefined
}

export interface FullDumpPlan {
  database: string
  format: DumpFormat
  server: { version: string; major: number }
  tool: { path: string; version: string; major: number }
  /** As it is run, but for the name of the snapshot. */
  command: ShownCommand
  /** Bytes on the server's disk. */
  sizeBytes: number
  tables: number
  locks: LockEstimate
  /** Set where `create` refuses unless told to try all the same. */
  advice: 'fleet-backup' | null
}

export interface FullDumpEntry {
  key: string
  format: DumpFormat
  /** ISO 8601, UTC. */
  at: string
  bytes: number
  modifiedAt: string
  /** Its record is there. */
  isComplete: boolean
}

/** The record of a dump without its list of tables. */
export interface FullDumpDetails {
  key: string
  format: DumpFormat
  at: string
  bytes: number
  sha256: string
  database: string
  environment: { name: string; class: string }
  server: { version: string; major: number }
  tool: { version: string; major: number }
  startedAt: string
  finishedAt: string
  tables: number
  rows: number
}

export interface FullDumpVerification {
  key: string
  bytes: number
  sha256: string
  /** Entries of the table of contents; null for a script, which was read whole instead. */
  objects: number | null
  verifiedAt: string
  durationMs: number
}

export interface RestoreOptions {
  key: string
  /** Name of the new database. */
  database: string
  /** `none`: everything belongs to the environment's user and nobody else is granted anything. Custom format only. */
  owners?: 'keep' | 'none' | undefined
  /** Connections of pg_restore at once, custom format only; 2 unless told. */
  jobs?: number | undefined
}

export interface RestorePlan {
  dump: FullDumpDetails
  database: string
  tool: { path: string; version: string; major: number }
  command: ShownCommand
}

export interface RestoreReport {
  key: string
  database: string
  tables: number
  rows: number
  /** When every table's rows had been counted against the record. */
  verifiedAt: string
  durationMs: number
}
