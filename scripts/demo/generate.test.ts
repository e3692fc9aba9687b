import { describe, expect, test } from 'vitest'
import { dayOf, isWorkingDay, workingDays } from './calendar.ts'
import { type DemoOptions, generateTenantData } from './generate.ts'
import { mailName } from './names.ts'
import { Random } from './random.ts'
import { money } from './rows.ts'
import { DEMO_AS_OF, DEMO_TENANTS } from './tenants.ts'

const ACME: DemoOptions = { seed: 'acme-corp', employees: 145, months: 24, asOf: DEMO_AS_OF }
const acme = generateTenantData(ACME)

/** Minor units of a decimal string, exactly. */
const minor = (amount: string) => Number(amount.replace('.', ''))
const total = (amounts: Record<string, string>) => Object.values(amounts).reduce((sum, one) => sum + minor(one), 0)
const unique = (values: readonly unknown[]) => new Set(values).size === values.length
const employees = new Map(acme.employees.map(employee => [employee.id, employee]))

describe('generated data', () => {
  test('is the same for the same options, and another for another seed', () => {
    expect(generateTenantData(ACME)).toEqual(acme)
    const other = generateTenantData({ ...ACME, seed: 'other' })
    expect(other.employees[0]?.id).not.toBe(acme.employees[0]?.id)
    expect(other.payroll).not.toEqual(acme.payroll)
  })

  test('has unique ids, e-mail addresses and employee codes', () => {
    expect(unique(Object.values(acme).flatMap((rows: { id: string }[]) => rows.map(row => row.id)))).toBe(true)
    expect(unique(acme.users.map(user => user.email))).toBe(true)
    expect(unique(acme.employees.map(employee => employee.employee_code))).toBe(true)
  })

  test.each([1, 2, 3, 6, 30])('works for an organization of %i', count => {
    const data = generateTenantData({ ...ACME, employees: count, months: 3, industry: 'bakery' })
    expect(data.employees).toHaveLength(count)
    expect(data.employees.filter(employee => employee.manager_id === null)).toHaveLength(1)
  })

  test.each(['2024-02-29', '2026-01-01', '2026-12-31'])('keeps its rules when it ends on %s', asOf => {
    const data = generateTenantData({ ...ACME, asOf, months: 14 })
    expect(data.payroll.at(-1)?.month ?? '').toBe(asOf.slice(0, 7))
    for (const leave of data.leaves) {
      expect(leave.end_date >= leave.start_date).toBe(true)
      expect(Number(leave.number_of_days)).toBeGreaterThan(0)
      expect(leave.start_date.slice(0, 4)).toBe(leave.end_date.slice(0, 4))
    }
  })

  test.each([{ employees: 0 }, { employees: 1.5 }, { months: 0 }, { asOf: '2026-13-01' }, { asOf: 'today' }])(
    'refuses %j',
    change => expect(() => generateTenantData({ ...ACME, ...change })).toThrow(RangeError),
  )

  test('ends on its last day: nothing but requested leave lies after it', () => {
    const { leaves, ...rest } = acme
    const stamps = [...Object.values(rest).flat(), ...leaves].map(row => row.created_at)
    expect(stamps.every(stamp => stamp.slice(0, 10) <= DEMO_AS_OF)).toBe(true)
    expect(leaves.filter(leave => leave.start_date > DEMO_AS_OF).every(leave => leave.status === 'pending')).toBe(true)
  })
})

describe('people', () => {
  test('form one tree of managers under the head of the root department', () => {
    const roots = acme.employees.filter(employee => employee.manager_id === null)
    expect(roots.map(root => root.id)).toEqual([acme.departments.find(one => one.parent_id === null)?.head])
    for (const employee of acme.employees) {
      let steps = 0
      for (let id = employee.manager_id; id !== null; id = employees.get(id)?.manager_id ?? null) steps++
      expect(steps).toBeLessThanOrEqual(5)
    }
  })

  test('lead the departments they belong to', () => {
    for (const { id, head } of acme.departments) expect(employees.get(head ?? '')?.department_id).toBe(id)
  })

  test('include every status, names beyond ASCII and a name of many letters', () => {
    expect(new Set(acme.employees.map(employee => employee.status))).toEqual(
      new Set(['active', 'on_leave', 'inactive', 'terminated']),
    )
    const names = acme.users.map(user => `${user.first_name} ${user.last_name}`)
    expect(names.filter(name => /[^ -~]/.test(name)).length).toBeGreaterThanOrEqual(5)
    expect(Math.max(...names.map(name => name.length))).toBeGreaterThan(60)
    expect(acme.users.every(user => /^[a-z]+\.[a-z]+\d*@/.test(user.email))).toBe(true)
  })

  test('carry identity numbers of the right shape that no real person can have', () => {
    for (const { pan, aadhaar, bank_account, ifsc_code, phone } of acme.employees) {
      expect(pan).toMatch(/^ZZ[A-Z]P[A-Z]\d{4}[A-Z]$/)
      expect(aadhaar).toMatch(/^0099\d{8}$/)
      expect(bank_account).toMatch(/^\d{11,14}$/)
      expect(ifsc_code).toMatch(/^(DEMO|TEST|XMPL)0\d{6}$/)
      expect(phone).toMatch(/^\+915555\d{6}$/)
    }
  })

  test('were of age when they joined, and left after it', () => {
    for (const { date_of_birth, date_of_joining, date_of_leaving } of acme.employees) {
      expect(dayOf(date_of_joining) - dayOf(date_of_birth)).toBeGreaterThan(18 * 365.25)
      if (date_of_leaving) expect(date_of_leaving > date_of_joining && date_of_leaving <= DEMO_AS_OF).toBe(true)
    }
  })

  test('get plain, different addresses for the same name', () => {
    const taken = new Set<string>()
    const name = { first: 'Zoë', last: 'Łęcka-Møller', gender: 'female' } as const
    expect([mailName(name, taken), mailName(name, taken)]).toEqual(['zoe.leckamoller', 'zoe.leckamoller2'])
  })
})

describe('pay', () => {
  test('pays gross less deductions to the cent', () => {
    for (const row of acme.payroll) {
      expect(minor(row.net_salary)).toBe(minor(row.gross_salary) - minor(row.deductions))
      expect(minor(row.net_salary)).toBeGreaterThan(0)
      expect(minor(row.allowances)).toBeLessThan(minor(row.gross_salary))
    }
  })

  test('adds up salaries from base and allowances, without gap or overlap', () => {
    const last = new Map<string, string | null>()
    for (const row of acme.employee_salaries) {
      expect(minor(row.gross_salary)).toBe(minor(row.base_salary) + total(row.allowances))
      const before = last.get(row.employee_id)
      if (before) expect(dayOf(row.effective_from)).toBe(dayOf(before) + 1)
      else expect(row.effective_from).toBe(employees.get(row.employee_id)?.date_of_joining)
      last.set(row.employee_id, row.effective_to)
    }
    expect(last.size).toBe(145)
  })

  test('pays a full month the full salary', () => {
    const salaryOf = (employee: string, month: string) =>
      acme.employee_salaries.findLast(row => row.employee_id === employee && row.effective_from <= `${month}-01`)
    const full = acme.payroll.filter(row => row.days_absent === '0.0' && row.days_leave_taken === '0.0')
    const checked = full.filter(row => {
      const salary = salaryOf(row.employee_id, row.month)
      const monthDays = workingDaysOf(row.month)
      if (!salary || Number(row.days_worked) !== monthDays) return false
      expect([row.gross_salary, minor(row.deductions)]).toEqual([salary.gross_salary, total(salary.deductions)])
      return true
    })
    expect(checked.length).toBeGreaterThan(1_000)
  })

  test('has one row per month of employment: processed in the past, a draft now', () => {
    expect(unique(acme.payroll.map(row => row.employee_id + row.month))).toBe(true)
    expect(new Set(acme.payroll.map(row => row.month)).size).toBe(24)
    for (const row of acme.payroll) {
      expect(row.status).toBe(row.month === DEMO_AS_OF.slice(0, 7) ? 'draft' : 'processed')
      expect(row.processed_at === null).toBe(row.status === 'draft')
    }
    const veterans = acme.employees.filter(one => one.date_of_joining < '2024-12-01' && one.status === 'active')
    for (const { id } of veterans) expect(acme.payroll.filter(row => row.employee_id === id)).toHaveLength(24)
  })

  test('accounts for every working day of a month', () => {
    for (const row of acme.payroll) {
      const accounted = Number(row.days_worked) + Number(row.days_absent) + Number(row.days_leave_taken)
      const joined = employees.get(row.employee_id)?.date_of_joining ?? ''
      const hasLeft = acme.users.find(user => user.id === employees.get(row.employee_id)?.user_id)?.is_active === false
      if (joined.slice(0, 7) < row.month && !hasLeft) expect(accounted).toBe(workingDaysOf(row.month))
      else expect(accounted).toBeLessThanOrEqual(workingDaysOf(row.month))
    }
  })
})

describe('leave', () => {
  const daysOf = (leave: { number_of_days: string }) => Number(leave.number_of_days)

  test('counts working days and starts on one', () => {
    for (const leave of acme.leaves) {
      const [start, end] = [dayOf(leave.start_date), dayOf(leave.end_date)]
      expect(isWorkingDay(start)).toBe(true)
      const counted = workingDays(start, end)
      if (daysOf(leave) === 0.5) expect(counted).toBe(1)
      else expect(daysOf(leave)).toBe(counted)
    }
  })

  test('closes each balance with opening less approved days, never below zero', () => {
    for (const balance of acme.employee_leave_balance) {
      const approved = acme.leaves
        .filter(leave => leave.employee_id === balance.employee_id && leave.leave_type_id === balance.leave_type_id)
        .filter(leave => leave.status === 'approved' && Number(leave.start_date.slice(0, 4)) === balance.year)
        .reduce((sum, leave) => sum + daysOf(leave), 0)
      expect(Number(balance.leaves_approved)).toBe(approved)
      expect(balance.leaves_taken).toBe(balance.leaves_approved)
      expect(Number(balance.closing_balance)).toBe(Number(balance.opening_balance) - approved)
      expect(Number(balance.closing_balance)).toBeGreaterThanOrEqual(0)
    }
  })

  test('never overlaps for one person', () => {
    const byPerson = Map.groupBy(acme.leaves, leave => leave.employee_id)
    for (const leaves of byPerson.values()) {
      const sorted = leaves.toSorted((one, other) => (one.start_date < other.start_date ? -1 : 1))
      for (const [index, leave] of sorted.entries()) {
        const next = sorted[index + 1]
        if (next) expect(next.start_date > leave.end_date).toBe(true)
      }
    }
  })

  test('is decided by the manager, in a task that says the same', () => {
    const tasks = new Map(acme.approvals.map(task => [task.entity_id, task]))
    const needsApproval = new Map(acme.leave_types.map(type => [type.id, type.requires_approval]))
    for (const leave of acme.leaves) {
      const task = tasks.get(leave.id)
      expect(task !== undefined).toBe(needsApproval.get(leave.leave_type_id))
      if (!task) continue
      const manager = employees.get(employees.get(leave.employee_id)?.manager_id ?? '')
      if (manager) expect(task.assigned_to).toBe(manager.user_id)
      expect(task.status).toBe(leave.status)
      if (leave.status === 'approved') expect(leave.approved_by).toBe(task.assigned_to)
    }
    expect(acme.leaves.filter(leave => leave.status === 'pending').length).toBeGreaterThan(5)
  })

  test('covers the last day for whoever is on leave', () => {
    const away = acme.employees.filter(employee => employee.status === 'on_leave')
    expect(away.length).toBeGreaterThan(0)
    for (const { id } of away) {
      const covering = acme.leaves.filter(
        one => one.employee_id === id && one.start_date <= DEMO_AS_OF && DEMO_AS_OF <= one.end_date,
      )
      expect(covering.map(one => one.status)).toEqual(['approved'])
    }
  })
})

describe('parts', () => {
  test('random numbers fill their range evenly and repeat with the seed', () => {
    const random = new Random('even')
    const counts = Array.from({ length: 6 }, () => 0)
    for (let i = 0; i < 60_000; i++) {
      const face = random.integer(0, 5)
      counts[face] = (counts[face] ?? 0) + 1
    }
    for (const count of counts) expect(Math.abs(count - 10_000)).toBeLessThan(500)
    expect(new Random('a').uuid()).toBe(new Random('a').uuid())
    expect(new Random('a').uuid()).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })

  test('money is written from whole minor units', () => {
    expect([0, 5, 99, 100, -1, 123_456].map(money)).toEqual(['0.00', '0.05', '0.99', '1.00', '-0.01', '1234.56'])
  })

  test('the demo has one large, one small and one suspended tenant', () => {
    expect(DEMO_TENANTS.map(({ slug, data, suspension }) => [slug, data.employees, suspension !== null])).toEqual([
      ['acme-corp', 145, false],
      ['tiny-bakery', 6, false],
      ['northwind-logistics', 42, true],
    ])
  })
})

function workingDaysOf(month: string): number {
  const first = dayOf(`${month}-01`)
  let last = first
  for (let day = first; day < first + 31; day++) {
    if (new Date(day * 86_400_000).toISOString().startsWith(month)) last = day
  }
  return workingDays(first, last)
}
