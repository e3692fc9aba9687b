import { join } from 'node:path'
import pg from 'pg'
import { newId } from '#shared/ids.ts'
import { quoteIdentifier } from '../../src/main/connections/postgres/identifier.ts'
import { DEFAULT_EXTENSION_SCHEMA } from '../../src/main/connections/postgres/pool.ts'
import { loadMigrations, type Migration } from '../../src/main/features/migrations/migration-files.ts'
import { defaultData } from '../../src/main/features/tenants/default-data.ts'
import { schemaName } from '../../src/main/features/tenants/provisioning.service.ts'

const PROJECT = join(import.meta.dirname, '..', '..')
/** A bcrypt hash made beforehand: hashing is left out on both sides. */
const PASSWORD_HASH = '$2b$12$C6UzMDM.H6dfI/f/IKcEeO7ZUrYDYxQ5XQ2kqPpE1xVYrTjvLmJ8K'

export const loadTenantMigrations = (): Promise<Migration[]> => loadMigrations(join(PROJECT, 'migrations', 'tenant'))

/**
 * What psql is given to make one tenant by hand: the registry row, the schema, the same migrations, both ledgers and the same
 * default data with its values written out, all in one transaction. It leaves out what only the console keeps: its audit entries.
 */
export function seedScript(slug: string, migrations: readonly Migration[]): string {
  const id = newId()
  const schema = schemaName(slug, id)
  const quoted = quoteIdentifier(schema)
  const text = pg.escapeLiteral
  const email = `admin@${slug}.example`
  const user = { email, firstName: 'Admin', lastName: 'User', passwordHash: PASSWORD_HASH, adminRole: 'admin' as const }
  const rows = (columns: (migration: Migration) => string) => migrations.map(one => `(${columns(one)})`).join(', ')
  return [
    'begin;',
    'insert into tenants (id, name, slug, database_schema, admin_email, status) values',
    `  (${[id, `Tenant ${slug}`, slug, schema, email, 'active'].map(text).join(', ')});`,
    `create schema ${quoted};`,
    `set local search_path to ${quoted}, ${quoteIdentifier(DEFAULT_EXTENSION_SCHEMA)};`,
    ...migrations.map(migration => migration.up),
    'insert into schema_migrations (version, name, checksum, duration_ms, applied_by) values',
    `  ${rows(({ version, name, checksum }) => `${version}, ${text(name)}, ${text(checksum)}, 10, 'psql'`)};`,
    'insert into public.tenant_migrations (tenant_id, version, name, checksum, state, applied_at, applied_by, duration_ms) values',
    `  ${rows(
      ({ version, name, checksum }) =>
        `${text(id)}, ${version}, ${text(name)}, ${text(checksum)}, 'applied', now(), 'psql', 10`,
    )};`,
    `${withLiterals(defaultData(user))};`,
    'commit;',
  ].join('\n')
}

/** The statement with its parameters written out. */
function withLiterals({ text, values }: { text: string; values: readonly unknown[] }): string {
  return text.replace(/\$(\d+)/g, (_parameter, position: string) =>
    pg.escapeLiteral(String(values[Number(position) - 1])),
  )
}
