import { Random } from './random.ts'
import type { AuditRow, TenantData } from './rows.ts'

type Event = Omit<AuditRow, 'id'>

/** What the other rows say happened, in the order of time. */
export function auditRows(seed: string, data: Omit<TenantData, 'audit_logs'>): AuditRow[] {
  const random = new Random(`${seed}:audit`)
  // The second user heads the first department below the top; the first where there is only one.
  const clerk = (data.users[1] ?? data.users[0])?.id ?? null
  const events = [...peopleEvents(data, clerk), ...leaveEvents(data), ...payrollEvents(data, clerk)]
  return events
    .sort((one, other) => (one.created_at < other.created_at ? -1 : one.created_at > other.created_at ? 1 : 0))
    .map(event => ({ id: random.uuid(), ...event }))
}

function* peopleEvents(data: Omit<TenantData, 'audit_logs'>, clerk: string | null): Generator<Event> {
  for (const { id, employee_code, status, created_at, updated_at } of data.employees) {
    const row = { user_id: clerk, entity_type: 'employee', entity_id: id }
    yield { ...row, action: 'employee.created', changes: { after: { employee_code } }, created_at }
    if (status === 'terminated' || status === 'inactive') {
      const changes = { before: { status: 'active' }, after: { status } }
      yield { ...row, action: 'employee.updated', changes, created_at: updated_at }
    }
  }
  for (const { id, employee_id, effective_from, created_at } of data.employee_salaries) {
    // Amounts stay out of the log: whoever reads it need not be allowed to see pay.
    const changes = { after: { employee_id, effective_from } }
    yield { user_id: clerk, action: 'salary.set', entity_type: 'employee_salary', entity_id: id, changes, created_at }
  }
  for (const { id, last_login_at } of data.users) {
    if (last_login_at === null) continue
    yield {
      user_id: id,
      action: 'user.login',
      entity_type: 'user',
      entity_id: id,
      changes: {},
      created_at: last_login_at,
    }
  }
}

function* leaveEvents(data: Omit<TenantData, 'audit_logs'>): Generator<Event> {
  const userOf = new Map(data.employees.map(({ id, user_id }) => [id, user_id]))
  for (const leave of data.leaves) {
    const { id, status, created_at, updated_at, number_of_days } = leave
    const asker = userOf.get(leave.employee_id) ?? null
    const row = { entity_type: 'leave', entity_id: id }
    yield { ...row, user_id: asker, action: 'leave.requested', changes: { after: { number_of_days } }, created_at }
    if (status === 'pending') continue
    const changes = { before: { status: 'pending' }, after: { status } }
    yield { ...row, user_id: leave.approved_by ?? asker, action: `leave.${status}`, changes, created_at: updated_at }
  }
}

function* payrollEvents(data: Omit<TenantData, 'audit_logs'>, clerk: string | null): Generator<Event> {
  const months = new Map<string, { employees: number; at: string; status: string }>()
  for (const { month, status, updated_at } of data.payroll) {
    const seen = months.get(month)
    months.set(month, { employees: (seen?.employees ?? 0) + 1, at: updated_at, status })
  }
  for (const [month, { employees, at, status }] of months) {
    const action = status === 'draft' ? 'payroll.drafted' : 'payroll.processed'
    yield {
      user_id: clerk,
      action,
      entity_type: 'payroll',
      entity_id: null,
      changes: { month, employees },
      created_at: at,
    }
  }
}
