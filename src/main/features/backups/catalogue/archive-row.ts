import type { z } from 'zod'
import type { ArchiveDetail, ArchiveRow, ArchiveTable, Verification } from '#shared/contract/backup.model.ts'
import type { BackupSettings } from '#shared/contract/environment.model.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { isMaskedColumn } from '../../data/masking.ts'
import type { ArchivedTable, Manifest } from '../archive/manifest.ts'
import type { ArchiveFolder, ManifestAnswer } from './archive-folders.ts'

/** Bucket or folder, as people know it. */
export const storeName = (settings: BackupSettings): string =>
  settings.kind === 's3' ? settings.bucket : settings.path

export interface RowFacts {
  answer: ManifestAnswer
  /** Its writer is at work now. */
  isRunning: boolean
  verified: Verification | null
  isLastGood: boolean
  store: string
}

type ManifestFields = Pick<
  ArchiveRow,
  'hash' | 'rows' | 'bytes' | 'storedBytes' | 'tables' | 'schemaVersion' | 'schemaSource' | 'writtenBy'
>

const NO_MANIFEST: ManifestFields = {
  hash: null,
  rows: null,
  bytes: null,
  storedBytes: null,
  tables: null,
  schemaVersion: null,
  schemaSource: null,
  writtenBy: null,
}

const fieldsOf = (manifest: Manifest): ManifestFields => ({
  hash: manifest.hash,
  rows: String(manifest.rows),
  bytes: String(manifest.bytes),
  storedBytes: String(manifest.storedBytes),
  tables: manifest.tables.length,
  schemaVersion: manifest.schema.version,
  schemaSource: manifest.schema.source,
  writtenBy: manifest.writtenBy,
})

export function archiveRow(folder: ArchiveFolder, facts: RowFacts): ArchiveRow {
  const { answer, verified, isLastGood, store } = facts
  const manifest = answer.state === 'complete' ? answer.manifest : undefined
  return {
    archive: folder.archive,
    at: manifest?.snapshotAt ?? folder.at,
    ...stateOf(facts),
    ...(manifest === undefined ? NO_MANIFEST : fieldsOf(manifest)),
    verified,
    isLastGood,
    store,
  }
}

function stateOf({ answer, isRunning }: RowFacts): Pick<ArchiveRow, 'state' | 'problem'> {
  if (answer.state === 'complete') return { state: 'complete', problem: null }
  if (answer.state === 'damaged') return { state: 'damaged', problem: answer.problem.message }
  if (isRunning) return { state: 'running', problem: null }
  return { state: 'incomplete', problem: 'Its backup did not end: it has no manifest, so it cannot be restored.' }
}

const tableOf = (table: ArchivedTable): z.infer<typeof ArchiveTable> => ({
  name: table.name,
  rows: String(table.rows),
  bytes: String(table.bytes),
  storedBytes: String(table.object?.bytes ?? 0),
  sha256: table.sha256,
  columns: table.columns.map(({ name, type, keyPosition }) => ({
    name,
    type,
    isPrimaryKey: keyPosition !== null,
    isMasked: isMaskedColumn(name),
  })),
})

export interface DetailFacts {
  manifest: Manifest | undefined
  tenant: Pick<TenantRow, 'name' | 'slug' | 'databaseSchema'>
  environmentName: string
  verifications: Verification[]
}

/** Where there is no manifest to say otherwise, names are those of today, and the rest is empty. */
export const archiveDetail = (row: ArchiveRow, facts: DetailFacts): ArchiveDetail => ({
  ...row,
  tenantName: facts.manifest?.tenant.name ?? facts.tenant.name,
  slug: facts.manifest?.tenant.slug ?? facts.tenant.slug,
  databaseSchema: facts.tenant.databaseSchema,
  environmentName: facts.manifest?.environment.name ?? facts.environmentName,
  serverVersion: facts.manifest?.server.version ?? '',
  migrations: (facts.manifest?.schema.migrations ?? []).map(({ version, name }) => ({ version, name })),
  tableList: (facts.manifest?.tables ?? []).map(tableOf),
  verifications: facts.verifications,
})
