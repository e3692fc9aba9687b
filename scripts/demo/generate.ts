import {
  DEFAULT_DESIGNATIONS,
  DEFAULT_LEAVE_TYPES,
  DEFAULT_WORKFLOWS,
} from '../../src/main/features/tenants/default-data.ts'
import { auditRows } from './audit.ts'
import { dayOf, holidaysOf, instantOf, type Month, monthsUntil, yearOf } from './calendar.ts'
import { leaveRows, leavesOf } from './leave.ts'
import { payOf, salaryStructures } from './pay.ts'
import { departmentRows, type Organization, people } from './people.ts'
import type { Industry } from './profiles.ts'
import { Random } from './random.ts'
import type { LeaveTypeRow, TenantData } from './rows.ts'

export interface DemoOptions {
  /** The same options give the same rows, ids included. */
  seed: string
  /** People with an employee record, at least 1; a few of them have left. */
  employees: number
  /** Months of payroll and leave up to the one of `asOf`, at least 1. */
  months: number
  /** The day the data ends, YYYY-MM-DD; this month's payroll is a draft. */
  asOf: string
  industry?: Industry
  emailDomain?: string
}

const EXTRA_LEAVE_TYPES = [
  { name: 'Parental', code: 'PL', max_days_per_year: 90, is_paid: true, requires_approval: true },
  { name: 'Unpaid', code: 'UL', max_days_per_year: 30, is_paid: false, requires_approval: true },
] as const

/**
 * The HR data of one organization, ready for `loadTenantData`. Pure: no clock, no store. Reference rows (leave types,
 * designations, departments, workflows, settings) repeat the default data under ids of their own; the loader joins them with
 * what the tenant has.
 */
export function generateTenantData(options: DemoOptions): TenantData {
  const { months, organization } = checked(options)
  const { seed, industry, from, asOf } = organization
  const created = instantOf(from, 0)
  const reference = referenceRows(organization, created)
  const staff = people(organization, new Map(reference.designations.map(({ code, id }) => [code, id])))
  const structures = salaryStructures(new Random(`${seed}:structures`), created)
  const workflowId = reference.approval_workflows.find(row => row.entity_type === 'leave')?.id ?? ''
  const context = { seed, from, asOf, types: reference.leave_types, workflowId }
  const rows: Omit<TenantData, 'audit_logs'> = {
    ...reference,
    departments: departmentRows(organization, staff),
    users: staff.map(person => person.user),
    employees: staff.map(person => person.employee),
    salary_structures: Object.values(structures),
    employee_salaries: [],
    payroll: [],
    leaves: [],
    employee_leave_balance: [],
    approvals: [],
  }
  for (const person of staff) {
    const leaves = leavesOf(person, context)
    const { requests, approvals, balances } = leaveRows(person, leaves, context)
    const { salaries, payroll } = payOf(person, leaves, { seed, industry, asOf, months, structures })
    rows.leaves.push(...requests)
    rows.approvals.push(...approvals)
    rows.employee_leave_balance.push(...balances)
    rows.employee_salaries.push(...salaries)
    rows.payroll.push(...payroll)
  }
  return { ...rows, audit_logs: auditRows(seed, rows) }
}

function checked(options: DemoOptions): { months: Month[]; organization: Organization } {
  for (const name of ['employees', 'months'] as const) {
    if (!Number.isInteger(options[name]) || options[name] < 1)
      throw new RangeError(`${name} must be a whole number from 1`)
  }
  const asOf = dayOf(options.asOf)
  const months = monthsUntil(asOf, options.months)
  const organization = {
    seed: options.seed,
    employees: options.employees,
    industry: options.industry ?? 'software',
    emailDomain: options.emailDomain ?? 'demo.example',
    from: months[0]?.first ?? asOf,
    asOf,
  }
  return { months, organization }
}

function referenceRows({ seed, from, asOf }: Organization, created: string) {
  const random = new Random(`${seed}:reference`)
  const stamped = <T extends object>(row: T) => ({
    id: random.uuid(),
    ...row,
    created_at: created,
    updated_at: created,
  })
  const years = Array.from({ length: yearOf(asOf) - yearOf(from) + 2 }, (_, i) => yearOf(from) + i)
  return {
    designations: DEFAULT_DESIGNATIONS.map(stamped),
    leave_types: [...DEFAULT_LEAVE_TYPES, ...EXTRA_LEAVE_TYPES].map((type): LeaveTypeRow => stamped(type)),
    approval_workflows: DEFAULT_WORKFLOWS.map(stamped),
    organization_settings: [stamped({ key: 'holidays', value: years.flatMap(holidaysOf) })],
  }
}
