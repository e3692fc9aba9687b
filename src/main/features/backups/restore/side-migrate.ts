import type { z } from 'zod'
import type { SchemaChoice } from '#shared/contract/restore.model.ts'
import { AppError } from '#shared/errors.ts'
import type { DbSession } from '../../../connections/postgres/database.ts'
import type { Migration } from '../../migrations/migration-files.ts'
import type { Manifest } from '../archive/manifest.ts'
import { inSide, LATER_DURABLE } from './side-load.ts'

type Choice = z.infer<typeof SchemaChoice>

/**
 * The migrations that bring an archive to this console's version, none when it is there or comes back as it was. Rejects where that
 * cannot be known: an archive that is newer, has other migrations, or no ledger.
 */
export function pendingMigrations(manifest: Manifest, set: readonly Migration[], choice: Choice): readonly Migration[] {
  if (choice === 'as-archived') return []
  const { version, migrations } = manifest.schema
  if (version === null || migrations.length === 0) {
    throw refuse('UNSUPPORTED', 'The archive has no ledger of migrations, so it cannot be migrated forward.')
  }
  const latest = set.length
  if (version > latest) {
    throw refuse('UNSUPPORTED', `The archive is at version ${version}, newer than this console knows (${latest}).`)
  }
  const ledger = new Map(migrations.map(migration => [migration.version, migration]))
  for (const { version: number, name, checksum } of set.slice(0, version)) {
    const entry = ledger.get(number)
    if (entry === undefined) throw refuse('CONFLICT', `The archive lacks migration ${number} (${name}).`)
    if (entry.checksum !== checksum) {
      throw refuse('CONFLICT', `Migration ${number} was applied to the archive with another text than it has now.`)
    }
  }
  return set.slice(version)
}

const refuse = (code: 'UNSUPPORTED' | 'CONFLICT', message: string): AppError =>
  new AppError(code, message, {
    hint: 'Restore it as archived, or use the Tenantry version that wrote it.',
    details: { reason: 'archive-version' },
  })

/** Runs migrations in the side schema and enters them in its own ledger; the registry's follows when the schema is live. */
export async function migrateSide(
  session: DbSession<'registry'>,
  { schema, who, pending }: { schema: string; who: string; pending: readonly Migration[] },
): Promise<void> {
  await inSide(session, schema, async tx => {
    await tx.script(LATER_DURABLE)
    for (const { version, name, checksum, up } of pending) {
      const started = performance.now()
      await tx.script(up)
      await tx.run({
        text: `insert into schema_migrations (version, name, checksum, duration_ms, applied_by) values ($1, $2, $3, $4, $5)`,
        values: [version, name, checksum, Math.round(performance.now() - started), who],
      })
    }
  })
}

/** In words, what restoring an archive of another version means; null when there is no difference. */
export function versionNote(manifest: Manifest, set: readonly Migration[], liveVersion: number | null): string | null {
  const { version } = manifest.schema
  if (version === null) return 'The archive has no ledger of migrations; it can only come back as archived.'
  if (version > set.length) {
    return `The archive is at version ${version}, newer than this console knows (${set.length}); it can only come back as archived.`
  }
  const names = set.slice(version).map(({ version: number, name }) => `${number} ${name}`)
  if (names.length > 0) {
    return `The archive is at version ${version}. Migrated forward, ${names.join(', ')} will be applied beside live; as archived, it stays at ${version}.`
  }
  if (liveVersion !== null && liveVersion !== version)
    return `Live is at version ${liveVersion}, the archive at ${version}.`
  return null
}
