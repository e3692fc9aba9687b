import type { DatabaseError } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { enterSchema, migrate, type Scratch, scratchDatabase, testServers } from './scratch.ts'

const CHECKSUM = 'a'.repeat(64)
const ID = '00000000-0000-4000-8000-000000000001'
const OTHER = '00000000-0000-4000-8000-000000000002'

describe.each(testServers())('constraints on $name', ({ url }) => {
  let scratch: Scratch
  const rows = async (sql: string, values: unknown[] = []): Promise<unknown[]> =>
    (await scratch.client.query(sql, values)).rows
  const refusal = (sql: string) =>
    scratch.client.query(sql).then(
      () => 'accepted',
      (error: DatabaseError) => error.constraint ?? error.column ?? error.code,
    )

  beforeAll(async () => {
    scratch = await scratchDatabase(url)
  })
  afterAll(() => scratch[Symbol.asyncDispose]())

  describe('registry rules', () => {
    const tenant = (changes: Record<string, string> = {}) => {
      const row = {
        name: 'Acme',
        slug: 'acme',
        database_schema: 'tenant_acme',
        admin_email: 'a@acme.example',
        ...changes,
      }
      const values = Object.values(row).map(value => scratch.client.escapeLiteral(value))
      return `insert into tenants (${Object.keys(row).join(', ')}) values (${values.join(', ')})`
    }
    beforeAll(async () => {
      await enterSchema(scratch.client, 'registry')
      await migrate(scratch.client, 'registry', 'up')
    })

    test.each(['a', '1acme', 'Acme', 'acme-', 'acme_corp', 'acme\n', "'; drop", 'é-acme', 'a'.repeat(41), ''])(
      'refuses the slug %j',
      async slug => expect(await refusal(tenant({ slug }))).toBe('tenants_slug_check'),
    )

    test.each([
      ['pg_catalog', 'tenants_database_schema_not_system'],
      ['public', 'tenants_database_schema_not_system'],
      ['information_schema', 'tenants_database_schema_not_system'],
      ['', 'tenants_database_schema_length'],
      ['t'.repeat(64), 'tenants_database_schema_length'],
      ['é'.repeat(32), 'tenants_database_schema_length'],
    ])('refuses the schema name %j', async (database_schema, rule) =>
      expect(await refusal(tenant({ database_schema }))).toBe(rule),
    )

    test('refuses an unknown status, a blank name and settings that are no object', async () => {
      expect(await refusal(tenant({ status: 'gone' }))).toBe('tenants_status_check')
      expect(await refusal(tenant({ name: '  ' }))).toBe('tenants_name_check')
      expect(await refusal(tenant({ settings: '[]' }))).toBe('tenants_settings_check')
    })

    test('knows what a tenant was before it is being restored', async () => {
      expect(await refusal(tenant({ status: 'restoring' }))).toBe('tenants_restoring_knows_status_before')
      expect(await refusal(tenant({ status: 'restoring', status_before: 'restoring' }))).toBe(
        'tenants_status_before_known',
      )
      await scratch.client.query(
        tenant({ slug: 'swapped', database_schema: 'tenant_swapped', status: 'restoring', status_before: 'suspended' }),
      )
    })

    test('gives one side schema to one restore', async () => {
      const restore = (side: string, changes = '') =>
        `insert into tenant_restores (tenant_id, slug, archive_key, archive_hash, purpose, who, side_schema${changes && ', state'})
         values ('${ID}', 'acme', 'backups/a/', '${CHECKSUM}', 'replace', 'dba', ${side}${changes})`
      await scratch.client.query(restore(`'acme__restore_1'`))
      await scratch.client.query(restore('null'))
      expect(await refusal(restore(`'acme__restore_1'`))).toBe('tenant_restores_side_schema_idx')
      expect(await refusal(restore(`repeat('x', 64)`))).toBe('tenant_restores_side_schema_check')
      expect(await refusal(restore('null', `, 'lost'`))).toBe('tenant_restores_state_check')
    })

    test('refuses a taken slug and a taken schema, also of a deleted tenant', async () => {
      await scratch.client.query(tenant({ slug: 'taken', database_schema: 'tenant_taken', deleted_at: 'now' }))
      expect(await refusal(tenant({ slug: 'taken' }))).toBe('tenants_slug_key')
      expect(await refusal(tenant({ database_schema: 'tenant_taken' }))).toBe('tenants_database_schema_key')
    })

    test('refuses a ledger entry without a real checksum, in an unknown state, or twice', async () => {
      await scratch.client.query(tenant({ id: ID, slug: 'ledger', database_schema: 'tenant_ledger' }))
      const entry = (checksum: string, state: string) =>
        `insert into tenant_migrations (tenant_id, version, name, checksum, state)
         values ('${ID}', 1, 'people', '${checksum}', '${state}')`
      expect(await refusal(entry('abc', 'applied'))).toBe('tenant_migrations_checksum_check')
      expect(await refusal(entry(CHECKSUM, 'done'))).toBe('tenant_migrations_state_check')
      expect(await refusal(entry(CHECKSUM, 'applied'))).toBe('accepted')
      expect(await refusal(entry(CHECKSUM, 'failed'))).toBe('tenant_migrations_pkey')
    })

    test('deleting a tenant for good removes its features and ledger and keeps its audit', async () => {
      await scratch.client.query(tenant({ id: OTHER, slug: 'leaving', database_schema: 'tenant_leaving' }))
      await scratch.client.query(`
        insert into tenant_features (tenant_id, feature) values ('${OTHER}', 'payroll');
        insert into tenant_migrations (tenant_id, version, name, checksum, state)
        values ('${OTHER}', 1, 'people', '${CHECKSUM}', 'applied');
        insert into tenant_audit (who, action, tenant_id, slug) values ('dba', 'tenant.delete', '${OTHER}', 'leaving');
        delete from tenants where id = '${OTHER}'`)
      const left = await rows(
        `select (select count(*) from tenant_features where tenant_id = $1) as features,
                (select count(*) from tenant_migrations where tenant_id = $1) as ledger,
                (select count(*) from tenant_audit where tenant_id = $1) as audit`,
        [OTHER],
      )
      expect(left).toEqual([{ features: '0', ledger: '0', audit: '1' }])
    })
  })

  describe('tenant rules', () => {
    beforeAll(async () => {
      await enterSchema(scratch.client, 'tenant')
      await migrate(scratch.client, 'tenant', 'up')
      await scratch.client.query(`
        insert into roles (name) values ('user');
        insert into users (id, email, password_hash, first_name, last_name) values ('${ID}', 'Asha@acme.example', 'x', 'Asha', 'Rao');
        insert into employees (id, user_id, employee_code, email, date_of_joining)
        values ('${ID}', '${ID}', 'E1', 'asha@acme.example', '2024-01-01');
        insert into leave_types (id, name, code, max_days_per_year) values ('${ID}', 'Annual', 'AL', 20);
        insert into approval_workflows (id, name, entity_type) values ('${ID}', 'Leave', 'leave');
        insert into payroll (employee_id, month, gross_salary, net_salary) values ('${ID}', '2024-01', 10, 10);
        insert into employee_leave_balance (employee_id, leave_type_id, year) values ('${ID}', '${ID}', 2024)`)
    })

    const employee = (column: string, value: string) =>
      `insert into employees (user_id, employee_code, email, date_of_joining, ${column})
       values ('${ID}', 'E2', 'b@acme.example', '2024-01-01', ${value})`
    const payroll = (column: string, value: string) =>
      `insert into payroll (employee_id, month, gross_salary, net_salary) values ('${ID}', '2024-02', 10, 10);
       update payroll set ${column} = ${value} where month = '2024-02'`
    const leave = (dates: [string, string], days: number, status = 'pending') =>
      `insert into leaves (employee_id, leave_type_id, start_date, end_date, number_of_days, status)
       values ('${ID}', '${ID}', '${dates.join("', '")}', ${days}, '${status}')`
    const balance = (year: number) =>
      `insert into employee_leave_balance (employee_id, leave_type_id, year) values ('${ID}', '${ID}', ${year})`

    test.each([
      [
        'an e-mail taken in other case',
        `insert into users (email, password_hash, first_name, last_name) values ('ASHA@ACME.EXAMPLE', 'x', 'A', 'R')`,
        'users_email_key',
      ],
      ['a role that does not exist', `update users set role = 'emperor'`, 'users_role_fkey'],
      [
        'a permission granted twice',
        `insert into role_permissions (role, permission) values ('user', 'a'), ('user', 'a')`,
        'role_permissions_role_permission_key',
      ],
      ['an employee without a user', employee('id', `'${OTHER}'`).replace(ID, OTHER), 'employees_user_id_fkey'],
      ['an employee code used twice', employee('gender', 'null').replace('E2', 'E1'), 'employees_employee_code_key'],
      ['an unknown employee status', employee('status', `'asleep'`), 'employees_status_check'],
      ['leaving before joining', employee('date_of_leaving', `'2023-12-31'`), 'employees_leaves_after_joining'],
      ['joining before being born', employee('date_of_birth', `'2024-01-01'`), 'employees_born_before_joining'],
      ['being one’s own manager', `update employees set manager_id = id`, 'employees_not_own_manager'],
      [
        'a department under itself',
        `insert into departments (id, parent_id, name, code) values ('${ID}', '${ID}', 'D', 'D')`,
        'departments_not_own_parent',
      ],
      [
        'an unknown department status',
        `insert into departments (name, code, status) values ('D', 'D', 'merged')`,
        'departments_status_check',
      ],
      [
        'a head who is no employee',
        `insert into departments (name, code, head) values ('D', 'D', '${OTHER}')`,
        'departments_head_fkey',
      ],
      [
        'an unknown designation status',
        `insert into designations (name, code, level, status) values ('D', 'D', 1, 'x')`,
        'designations_status_check',
      ],
      [
        'a salary that ends before it starts',
        `insert into employee_salaries (employee_id, base_salary, gross_salary, effective_from, effective_to) values ('${ID}', 1, 1, '2024-02-01', '2024-01-31')`,
        'employee_salaries_ends_after_start',
      ],
      [
        'a salary below zero',
        `insert into employee_salaries (employee_id, base_salary, gross_salary, effective_from) values ('${ID}', -1, 1, '2024-02-01')`,
        'employee_salaries_base_salary_check',
      ],
      ['a second payroll for the same month', payroll('month', `'2024-01'`), 'payroll_employee_id_month_key'],
      ['month 13', payroll('month', `'2024-13'`), 'payroll_month_format'],
      ['a month with a day', payroll('month', `'2024-01-01'`), 'payroll_month_format'],
      ['an unknown payroll status', payroll('status', `'paid'`), 'payroll_status_check'],
      ['a negative gross', payroll('gross_salary', '-0.01'), 'payroll_gross_salary_check'],
      ['more than 31 days worked', payroll('days_worked', '31.5'), 'payroll_days_worked_check'],
      [
        'a leave type code used twice',
        `insert into leave_types (name, code, max_days_per_year) values ('A', 'AL', 1)`,
        'leave_types_code_key',
      ],
      [
        'more leave than a year has',
        `insert into leave_types (name, code, max_days_per_year) values ('A', 'XL', 367)`,
        'leave_types_max_days_per_year_check',
      ],
      [
        'an unknown leave type status',
        `insert into leave_types (name, code, max_days_per_year, status) values ('A', 'XL', 1, 'x')`,
        'leave_types_status_check',
      ],
      ['a leave that ends before it starts', leave(['2024-03-02', '2024-03-01'], 0.5), 'leaves_ends_after_start'],
      ['a leave longer than its dates', leave(['2024-03-01', '2024-03-02'], 2.5), 'leaves_number_of_days_within_dates'],
      ['a leave of no days', leave(['2024-03-01', '2024-03-02'], 0), 'leaves_number_of_days_check'],
      ['an unknown leave status', leave(['2024-03-01', '2024-03-02'], 2, 'maybe'), 'leaves_status_check'],
      [
        'a second balance for the same type and year',
        balance(2024),
        'employee_leave_balance_employee_id_leave_type_id_year_key',
      ],
      ['a balance for a year outside the calendar', balance(20_240), 'employee_leave_balance_year_check'],
      [
        'an unknown approval status',
        `insert into approvals (workflow_id, entity_type, entity_id, status) values ('${ID}', 'leave', '${ID}', 'x')`,
        'approvals_status_check',
      ],
      [
        'workflow steps that are no list',
        `insert into approval_workflows (name, entity_type, steps) values ('W', 'leave', '{}')`,
        'approval_workflows_steps_check',
      ],
      [
        'a setting named twice',
        `insert into organization_settings (key, value) values ('k', '1'), ('k', '2')`,
        'organization_settings_key_key',
      ],
    ])('refuses %s', async (_rule, sql, constraint) => expect(await refusal(sql)).toBe(constraint))

    test('accepts departments and employees in any order once the checks are deferred', async () => {
      await scratch.client.query(`begin; set constraints all deferred;
        insert into departments (id, name, code, head) values ('${OTHER}', 'Design', 'DES', '${OTHER}');
        insert into employees (id, user_id, employee_code, email, date_of_joining, department_id)
        values ('${OTHER}', '${OTHER}', 'E9', 'z@acme.example', '2024-01-01', '${OTHER}');
        insert into users (id, email, password_hash, first_name, last_name) values ('${OTHER}', 'z@acme.example', 'x', 'Z', 'Z');
        set constraints all immediate; rollback`)
    })

    test('renames a role everywhere and keeps the audit entries of a removed user', async () => {
      await scratch.client.query(`begin;
        insert into users (id, email, password_hash, first_name, last_name) values ('${OTHER}', 'y@acme.example', 'x', 'Y', 'Y');
        insert into audit_logs (id, user_id, action, entity_type) values ('${OTHER}', '${OTHER}', 'login', 'user');
        update roles set name = 'member' where name = 'user';
        delete from users where id = '${OTHER}'`)
      expect(await rows('select role from users')).toEqual([{ role: 'member' }])
      expect(await rows('select user_id from audit_logs')).toEqual([{ user_id: null }])
      await scratch.client.query('rollback')
    })
  })
})
