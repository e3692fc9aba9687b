/** What every new HR tenant starts with (system A). Plain lists, and one statement that writes them all. */

export const DEFAULT_ROLES = [
  { name: 'admin', description: 'May do everything', permissions: ['*'] },
  {
    name: 'user',
    description: 'Sees and edits their own profile',
    permissions: ['read:profile', 'update:profile'],
  },
  { name: 'viewer', description: 'Reads everything, changes nothing', permissions: ['read:*'] },
] as const
export type DefaultRole = (typeof DEFAULT_ROLES)[number]['name']

export const DEFAULT_LEAVE_TYPES = [
  { name: 'Annual', code: 'AL', max_days_per_year: 20, is_paid: true, requires_approval: true },
  { name: 'Sick', code: 'SL', max_days_per_year: 10, is_paid: true, requires_approval: true },
  { name: 'Casual', code: 'CL', max_days_per_year: 5, is_paid: true, requires_approval: false },
] as const

/** Level 1 is the top of the organization. */
export const DEFAULT_DESIGNATIONS = [
  { name: 'Chief Executive Officer', code: 'CEO', level: 1 },
  { name: 'Head of Department', code: 'HEAD', level: 2 },
  { name: 'Team Lead', code: 'LEAD', level: 3 },
  { name: 'Senior Associate', code: 'SENIOR', level: 4 },
  { name: 'Associate', code: 'ASSOCIATE', level: 5 },
  { name: 'Intern', code: 'INTERN', level: 6 },
] as const

export const DEFAULT_DEPARTMENTS = [
  { name: 'Administration', code: 'ADMIN' },
  { name: 'Human Resources', code: 'HR' },
  { name: 'Finance', code: 'FIN' },
  { name: 'Operations', code: 'OPS' },
] as const

export const DEFAULT_WORKFLOWS = [
  {
    name: 'Leave approval',
    entity_type: 'leave',
    steps: [{ step: 1, name: 'Manager decides', approver: 'manager' }],
  },
  {
    name: 'Payroll approval',
    entity_type: 'payroll',
    steps: [{ step: 1, name: 'Administrator decides', approver: 'role', role: 'admin' }],
  },
] as const

/** The tenant's registry settings that its organization starts from; the same keys and formats. */
export interface OrganizationDefaults {
  country?: string | undefined
  currency?: string | undefined
  financialYear?: string | undefined
  timezone?: string | undefined
}

/** Rows of organization_settings by key. Working days are ISO weekday numbers, Monday 1; holidays are `{date, name}`. */
export const defaultSettings = (organization: OrganizationDefaults = {}) => ({
  country: organization.country ?? 'IN',
  currency: organization.currency ?? 'INR',
  financial_year: { starts_on: organization.financialYear ?? '04-01' },
  holidays: [] as { date: string; name: string }[],
  timezone: organization.timezone ?? 'Asia/Kolkata',
  working_week: { days: [1, 2, 3, 4, 5] },
})

export interface DefaultAdmin {
  email: string
  firstName: string
  lastName: string
  /** bcrypt; the clear password never comes here. */
  passwordHash: string
  adminRole: DefaultRole
}

// One round trip. All parts see the same snapshot, yet users may name a role that a sibling part inserts: foreign keys are
// checked when the statement ends.
const INSERT_DEFAULTS = `
with input as (
  select $1::jsonb as roles, $2::jsonb as leave_types, $3::jsonb as designations, $4::jsonb as departments,
         $5::jsonb as workflows, $6::jsonb as settings
), new_roles as (
  insert into roles (name, description, is_system)
  select r.name, r.description, true
  from input, jsonb_to_recordset(input.roles) as r(name text, description text)
), new_permissions as (
  insert into role_permissions (role, permission)
  select r.name, p.permission
  from input, jsonb_to_recordset(input.roles) as r(name text, permissions jsonb),
       jsonb_array_elements_text(r.permissions) as p(permission)
), new_leave_types as (
  insert into leave_types (name, code, max_days_per_year, is_paid, requires_approval)
  select l.name, l.code, l.max_days_per_year, l.is_paid, l.requires_approval
  from input, jsonb_to_recordset(input.leave_types)
       as l(name text, code text, max_days_per_year numeric, is_paid boolean, requires_approval boolean)
), new_designations as (
  insert into designations (name, code, level)
  select d.name, d.code, d.level
  from input, jsonb_to_recordset(input.designations) as d(name text, code text, level integer)
), new_departments as (
  insert into departments (name, code)
  select d.name, d.code
  from input, jsonb_to_recordset(input.departments) as d(name text, code text)
), new_workflows as (
  insert into approval_workflows (name, entity_type, steps)
  select w.name, w.entity_type, w.steps
  from input, jsonb_to_recordset(input.workflows) as w(name text, entity_type text, steps jsonb)
), new_settings as (
  insert into organization_settings (key, value)
  select s.key, s.value from input, jsonb_each(input.settings) as s
)
insert into users (email, first_name, last_name, password_hash, role)
values ($7, $8, $9, $10, $11)
returning id`

/**
 * The statement that writes the default data into a freshly migrated tenant schema. Names are unqualified: run it with
 * `search_path` on the tenant and the schema of citext. Returns one row, the id of the administrator's user.
 */
export function defaultData(
  admin: DefaultAdmin,
  organization: OrganizationDefaults = {},
): { text: string; values: unknown[] } {
  const lists = [
    DEFAULT_ROLES,
    DEFAULT_LEAVE_TYPES,
    DEFAULT_DESIGNATIONS,
    DEFAULT_DEPARTMENTS,
    DEFAULT_WORKFLOWS,
    defaultSettings(organization),
  ]
  return {
    text: INSERT_DEFAULTS,
    values: [
      ...lists.map(list => JSON.stringify(list)),
      admin.email,
      admin.firstName,
      admin.lastName,
      admin.passwordHash,
      admin.adminRole,
    ],
  }
}
