import type { z } from 'zod'
import type { RestoreVerification } from '#shared/contract/restore.model.ts'
import { AppError } from '#shared/errors.ts'
import type { Manifest } from '../archive/manifest.ts'
import type { BuiltSide } from './side-schema.ts'

type Verification = z.infer<typeof RestoreVerification>

/** Compares what the tables gave back with what the archive says of them. */
export function verificationOf(manifest: Manifest, built: BuiltSide): Verification {
  const found = new Map(built.tables.map(table => [table.table, table]))
  const tables = manifest.tables.map(({ name, rows, sha256 }) => {
    const read = found.get(name)
    const isEqual = read?.rows === rows && read.sha256 === sha256
    const note = isEqual
      ? null
      : read === undefined
        ? 'It was not read back'
        : 'Its text has another hash than the archive’s'
    return { table: name, rows: String(read?.rows ?? 0), expectedRows: String(rows), isEqual, note }
  })
  const outcome = tables.every(table => table.isEqual) ? 'passed' : 'failed'
  return { outcome, at: new Date().toISOString(), tables }
}

const SHOWN = 5

/** @throws AppError CONFLICT with the tables, or the definitions, that are not the archive's */
export function requireVerified(manifest: Manifest, built: BuiltSide, verification: Verification): void {
  const wrong = verification.tables.filter(table => !table.isEqual).map(table => table.table)
  if (wrong.length > 0) {
    const more = wrong.length > SHOWN ? ` and ${wrong.length - SHOWN} more` : ''
    throw refused(`The restored rows are not those of the archive: ${wrong.slice(0, SHOWN).join(', ')}${more}.`, wrong)
  }
  // Each major version of the server writes definitions in its own words.
  const isComparable = built.serverMajor === manifest.server.major
  if (isComparable && built.fingerprint !== manifest.schema.fingerprint) {
    throw refused('The definitions of the restored schema are not those of the archive.', [])
  }
}

const refused = (message: string, tables: string[]): AppError =>
  new AppError('CONFLICT', `${message} Live was not touched.`, {
    hint: 'Verify the archive, or use another. Triggers and defaults of the schema cannot be the cause: they do not act on restores.',
    details: { reason: 'restore-not-verified', tables },
  })
