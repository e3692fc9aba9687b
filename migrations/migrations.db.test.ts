import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enterSchema, type MigrationKind, migrate, type Scratch, scratchDatabase, testServers } from './scratch.ts'

/** Tables and columns as the domain names them; id and timestamps are checked apart. */
const COLUMNS: Record<MigrationKind, Record<string, string>> = {
  registry: {
    tenants:
      'id name slug database_schema admin_email description settings status status_before suspended_at suspension_reason created_at updated_at deleted_at',
    tenant_features: 'tenant_id feature enabled config',
    tenant_audit: 'who when action tenant_id slug before after reason',
    registry_migrations: 'version name checksum applied_at applied_by duration_ms',
    tenant_migrations: 'tenant_id version name checksum state applied_at applied_by duration_ms error',
    schema_fingerprints: 'migrations server_major format version fingerprint definitions created_at',
    tenant_backups:
      'archive_key tenant_id slug database_schema archive_hash snapshot_at rows bytes stored_bytes schema_version written_at',
    fleet_backups: 'id started_at finished_at who manifest_key tenants failed',
    backup_verifications: 'id tenant_id archive_key archive_hash depth outcome started_at duration_ms who details',
    tenant_restores:
      'id tenant_id slug archive_key archive_hash purpose state side_schema kept_schema kept_until plan comparison verification error reason who created_at updated_at finished_at',
    backup_schedules:
      'id kind cron is_enabled options last_run_at last_outcome last_error next_run_at missed_runs missed_since updated_at updated_by',
  },
  tenant: {
    users: 'email password_hash first_name last_name role is_active last_login_at deleted_at',
    roles: 'name',
    role_permissions: 'role permission',
    departments: 'name code parent_id head status',
    designations: 'name code level status',
    employees:
      'user_id employee_code email phone date_of_birth gender department_id designation_id manager_id employment_type date_of_joining date_of_leaving status pan aadhaar bank_account ifsc_code deleted_at',
    salary_structures: 'name components',
    employee_salaries:
      'employee_id structure_id base_salary gross_salary allowances deductions effective_from effective_to deleted_at',
    payroll:
      'employee_id month days_worked days_absent days_leave_taken gross_salary allowances deductions net_salary status processed_at',
    leave_types: 'name code max_days_per_year is_paid requires_approval status',
    leaves:
      'employee_id leave_type_id start_date end_date number_of_days reason status approved_by approved_at approval_comments deleted_at',
    employee_leave_balance:
      'employee_id leave_type_id year opening_balance leaves_taken leaves_approved closing_balance',
    approval_workflows: 'name entity_type steps',
    approvals: 'workflow_id entity_type entity_id current_step assigned_to status actioned_at comments',
    audit_logs: 'user_id action entity_type entity_id changes created_at',
    organization_settings: 'key value',
    schema_migrations: 'version name checksum applied_at applied_by duration_ms',
  },
}
const LEDGERS = ['registry_migrations', 'tenant_migrations', 'schema_migrations']
/** Their keys are given: what they describe has one. */
const WITH_GIVEN_KEY = [...LEDGERS, 'schema_fingerprints', 'tenant_backups']
const WITH_OWN_TIME = ['tenant_audit', 'tenant_backups', 'fleet_backups', 'backup_verifications', ...LEDGERS]
const WITHOUT_UPDATES = ['audit_logs', 'schema_fingerprints', ...WITH_OWN_TIME]

const UNIQUE = [
  'backup_schedules(kind)',
  'departments(code)',
  'designations(code)',
  'employee_leave_balance(employee_id,leave_type_id,year)',
  'employees(employee_code)',
  'fleet_backups(manifest_key)',
  'leave_types(code)',
  'organization_settings(key)',
  'payroll(employee_id,month)',
  'role_permissions(role,permission)',
  'roles(name)',
  'tenant_features(tenant_id,feature)',
  'tenants(database_schema)',
  'tenants(slug)',
  'users(email)',
]

describe.each(testServers())('migrations on $name', ({ url }) => {
  let scratch: Scratch
  const rows = async <T>(sql: string, values: unknown[] = []) =>
    (await scratch.client.query(sql, values)).rows as unknown as T[]
  beforeAll(async () => {
    scratch = await scratchDatabase(url)
  })
  afterAll(() => scratch[Symbol.asyncDispose]())

  describe.each(['registry', 'tenant'] as const)('%s', kind => {
    const schema = `checked_${kind}`
    const expected = COLUMNS[kind]

    beforeAll(async () => {
      await enterSchema(scratch.client, schema)
      await migrate(scratch.client, kind, 'up')
    })

    test('goes down to nothing and up again to the same', async () => {
      const before = await definition(schema)
      await migrate(scratch.client, kind, 'down')
      expect(await definition(schema)).toEqual([])
      await migrate(scratch.client, kind, 'up')
      expect(await definition(schema)).toEqual(before)
    })

    test('rolls back as one transaction', async () => {
      const before = await definition(schema)
      await scratch.client.query('begin')
      await migrate(scratch.client, kind, 'down')
      await migrate(scratch.client, kind, 'up')
      await migrate(scratch.client, kind, 'down')
      await scratch.client.query('rollback')
      expect(await definition(schema)).toEqual(before)
    })

    test('touches nothing outside its schema', async () => {
      expect(
        await rows(
          `select distinct n.nspname from pg_depend d join pg_class c on c.oid = d.objid and d.classid = 'pg_class'::regclass
           join pg_namespace n on n.oid = c.relnamespace where n.nspname !~ '^(pg_|information_schema|checked_)'`,
        ),
      ).toEqual([])
    })

    test('has every table and column that the domain names, and no other table', async () => {
      const found = await columnsOf(schema)
      expect([...found.keys()].sort()).toEqual(Object.keys(expected).sort())
      for (const [table, names] of Object.entries(expected)) {
        expect([...(found.get(table)?.keys() ?? [])], table).toEqual(expect.arrayContaining(names.split(' ')))
      }
    })

    test('has uuid keys that fill themselves, except where the key is given', async () => {
      const found = await columnsOf(schema)
      for (const [table, columns] of found) {
        if (WITH_GIVEN_KEY.includes(table)) continue
        expect(columns.get('id'), table).toEqual({ type: 'uuid', required: true, preset: 'gen_random_uuid()' })
      }
      expect(await primaryKeys(schema)).toEqual(
        Object.fromEntries(Object.keys(expected).map(table => [table, primaryKeyOf(table)])),
      )
    })

    test('stamps creation and change of rows', async () => {
      for (const [table, columns] of await columnsOf(schema)) {
        const stamp = { type: 'timestamp with time zone', required: true, preset: 'now()' }
        if (!WITH_OWN_TIME.includes(table)) expect(columns.get('created_at'), table).toEqual(stamp)
        if (!WITHOUT_UPDATES.includes(table)) expect(columns.get('updated_at'), table).toEqual(stamp)
      }
    })

    test('keeps money exact to two places', async () => {
      for (const [table, columns] of await columnsOf(schema)) {
        for (const [name, { type }] of columns) {
          if (/(_salary)$/.test(name)) expect(type, `${table}.${name}`).toBe('numeric(14,2)')
          expect(type, `${table}.${name}`).not.toMatch(/^(real|double precision|timestamp without time zone|json)$/)
        }
      }
    })

    test('has only deferrable foreign keys that are checked at once by default, each leading an index', async () => {
      const keys = await rows<{ name: string; deferrable: boolean; deferred: boolean; indexed: boolean }>(
        `select k.conrelid::regclass || '.' || k.conname as name, k.condeferrable as deferrable, k.condeferred as deferred,
                exists (select from pg_index i where i.indrelid = k.conrelid and i.indpred is null
                        and (i.indkey::smallint[])[0:cardinality(k.conkey) - 1] @> k.conkey) as indexed
         from pg_constraint k where k.contype = 'f' and k.connamespace = $1::regnamespace`,
        [schema],
      )
      expect(keys.length).toBeGreaterThanOrEqual(kind === 'tenant' ? 19 : 2)
      expect(keys.filter(key => !key.deferrable || key.deferred || !key.indexed)).toEqual([])
    })

    test('keeps unique what the domain calls unique', async () => {
      const found = await rows<{ key: string }>(
        `select c.relname || '(' || string_agg(a.attname, ',' order by u.place) || ')' as key
         from pg_constraint k join pg_class c on c.oid = k.conrelid
         cross join unnest(k.conkey) with ordinality as u(attnum, place)
         join pg_attribute a on a.attrelid = c.oid and a.attnum = u.attnum
         where k.contype = 'u' and k.connamespace = $1::regnamespace group by c.relname, k.oid order by 1`,
        [schema],
      )
      expect(found.map(row => row.key)).toEqual(UNIQUE.filter(key => (key.split('(')[0] ?? '') in expected))
    })
  })

  /** Everything the catalog holds of a schema, by name and definition. */
  const definition = (schema: string) =>
    rows(
      `select 'relation' as kind, c.relname::text as name,
              case c.relkind when 'i' then pg_get_indexdef(c.oid) else c.relkind::text end as text
       from pg_class c where c.relnamespace = $1::regnamespace
       union all
       select 'column', c.relname || '.' || a.attname,
              format_type(a.atttypid, a.atttypmod) || a.attnotnull::text || coalesce(pg_get_expr(d.adbin, d.adrelid), '')
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and c.relkind = 'r'
       left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum where c.relnamespace = $1::regnamespace
       union all
       select 'constraint', conrelid::regclass::text || '.' || conname, pg_get_constraintdef(oid)
       from pg_constraint where connamespace = $1::regnamespace
       union all select 'type', typname, typtype::text from pg_type where typnamespace = $1::regnamespace
       union all select 'function', proname, '' from pg_proc where pronamespace = $1::regnamespace
       order by 1, 2, 3`,
      [schema],
    )

  interface Column {
    type: string
    required: boolean
    preset: string | null
  }
  const columnsOf = async (schema: string): Promise<Map<string, Map<string, Column>>> => {
    const found = await rows<Column & { table: string; column: string }>(
      `select c.relname as table, a.attname as column, format_type(a.atttypid, a.atttypmod) as type,
              a.attnotnull as required, pg_get_expr(d.adbin, d.adrelid) as preset
       from pg_class c join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
       left join pg_attrdef d on d.adrelid = c.oid and d.adnum = a.attnum
       where c.relnamespace = $1::regnamespace and c.relkind = 'r'`,
      [schema],
    )
    const tables = new Map<string, Map<string, Column>>()
    for (const { table, column, ...facts } of found) {
      tables.set(table, (tables.get(table) ?? new Map<string, Column>()).set(column, facts))
    }
    return tables
  }

  const primaryKeys = async (schema: string): Promise<Record<string, string>> => {
    const found = await rows<{ table: string; key: string }>(
      `select conrelid::regclass::text as table, pg_get_constraintdef(oid) as key
       from pg_constraint where contype = 'p' and connamespace = $1::regnamespace`,
      [schema],
    )
    return Object.fromEntries(found.map(({ table, key }) => [table, key]))
  }
})

const GIVEN_KEYS: Record<string, string> = {
  registry_migrations: 'version',
  schema_migrations: 'version',
  tenant_migrations: 'tenant_id, version',
  schema_fingerprints: 'migrations, server_major, format',
  tenant_backups: 'archive_key',
}
const primaryKeyOf = (table: string) => `PRIMARY KEY (${GIVEN_KEYS[table] ?? 'id'})`
