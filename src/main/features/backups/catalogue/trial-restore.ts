import { z } from 'zod'
import type { AppError } from '#shared/errors.ts'
import { newId } from '#shared/ids.ts'
import { toAppError } from '../../../connections/postgres/errors.ts'
import { dropSchemaSql } from '../../tenants/tenant-facts.repository.ts'
import type { Manifest } from '../archive/manifest.ts'
import { findingOf, isDamage } from '../archive/reader-checks.ts'
import { restoreNames } from '../restore/names.ts'
import { withSchemaLock } from '../restore/restore-lock.ts'
import { type BuiltSide, buildSide } from '../restore/side-schema.ts'
import { verificationOf } from '../restore/side-verify.ts'
import type { TenantWork, TrialRestore } from './verify.service.ts'

/**
 * Builds the archive into a scratch schema, reads every table back, lets PostgreSQL check every constraint, and drops the schema. What a
 * console that dies meanwhile leaves is listed with the schemas of restores, by its name.
 */
export const trialRestore: TrialRestore = async (archive, work) => {
  const { registry, tenant, signal, job } = work
  const schema = restoreNames(tenant.databaseSchema, newId(), new Date()).scratch
  return await registry.session(session =>
    withSchemaLock(session.connection, schema, async () => {
      try {
        const built = await buildSide({
          db: registry,
          session,
          signal,
          archive,
          schema,
          step: (name, run) => job.step(`${tenant.slug}: ${name}`, run),
          onProgress: ({ done, total, table }) => job.progress({ done, total, unit: 'bytes', note: table }),
        })
        return findings(archive.manifest, built)
      } catch (error) {
        const failure = toAppError(error, { isCancelled: signal.aborted })
        const finding = findingIn(failure)
        if (finding === undefined) throw failure
        return [finding]
      } finally {
        await dropScratch(work, schema)
      }
    }),
  )
}

/** What was found matters more than a schema that could not be dropped now. */
async function dropScratch({ registry, job }: TenantWork, schema: string): Promise<void> {
  const drop = registry.afterCancel().write(tx => tx.script(dropSchemaSql(schema)))
  await drop.catch((error: unknown) => {
    const why = error instanceof Error ? error.message : String(error)
    job.log(`The scratch schema ${schema} could not be dropped: ${why}`)
  })
}

function findings(manifest: Manifest, built: BuiltSide): string[] {
  const tables = verificationOf(manifest, built).tables.filter(table => !table.isEqual)
  const lines = tables.map(
    ({ table, rows, expectedRows, note }) => `${table}: ${rows} of ${expectedRows} rows; ${note}`,
  )
  // Each major version of the server writes definitions in its own words.
  const isComparable = built.serverMajor === manifest.server.major
  if (isComparable && built.fingerprint !== manifest.schema.fingerprint) {
    lines.push('The definitions of the restored schema are not those of the archive')
  }
  return lines
}

const SqlFailure = z.object({ sqlState: z.string() })
/** Values that do not fit, rows that break a constraint, definitions that do not run: https://www.postgresql.org/docs/15/errcodes-appendix.html */
const FAULTS_OF_ARCHIVE = /^(22|23|2B|42(?!501))/

/** What the error says of the archive; undefined where it says something of the server, or of others who are at work. */
function findingIn(error: AppError): string | undefined {
  const { code, message, retryable, details } = error
  if (isDamage(error)) return findingOf(error)
  const sqlState = SqlFailure.safeParse(details).data?.sqlState
  if (sqlState === undefined) return code === 'CONFLICT' && !retryable ? message : undefined
  return FAULTS_OF_ARCHIVE.test(sqlState) ? `It cannot be restored: ${message} (SQLSTATE ${sqlState})` : undefined
}
