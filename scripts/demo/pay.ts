import { type Day, dateOf, dayOfParts, instantOf, type Month, workingDays, yearOf } from './calendar.ts'
import type { Leave } from './leave.ts'
import type { Person } from './people.ts'
import { GRADES, type Industry, PAY_LEVEL } from './profiles.ts'
import { Random } from './random.ts'
import { days, type EmployeeSalaryRow, money, type PayrollRow, type SalaryStructureRow } from './rows.ts'

/** All amounts are whole paise a month, all days whole halves: nothing is ever rounded twice. */
interface Salary {
  from: Day
  to: Day | null
  base: number
  gross: number
  allowances: Record<string, number>
  deductions: Record<string, number>
}

const PAISE = 100
/** Raises are in whole hundreds of rupees. */
const RAISE_STEP = 100 * PAISE
const PROVIDENT_FUND_LIMIT = 1_800 * PAISE
/** Income tax withheld, in percent, by monthly gross in rupees. */
const TAX_STEPS = [
  { above: 200_000, percent: 20 },
  { above: 100_000, percent: 10 },
  { above: 60_000, percent: 5 },
] as const

/** amount × part / whole in whole numbers, halves rounded up. */
const portion = (amount: number, part: number, whole: number): number =>
  Math.floor((2 * amount * part + whole) / (2 * whole))
const sum = (amounts: Record<string, number>): number => Object.values(amounts).reduce((total, one) => total + one, 0)

function salaryOf(base: number, { from, to, isIntern }: { from: Day; to: Day | null; isIntern: boolean }): Salary {
  const allowances: Record<string, number> = isIntern
    ? { conveyance: 1_600 * PAISE }
    : { house_rent: portion(base, 40, 100), conveyance: 1_600 * PAISE, special: portion(base, 10, 100) }
  const gross = base + sum(allowances)
  const tax = TAX_STEPS.find(step => gross > step.above * PAISE)?.percent ?? 0
  const deductions: Record<string, number> = { professional_tax: 200 * PAISE }
  if (!isIntern) deductions.provident_fund = Math.min(portion(base, 12, 100), PROVIDENT_FUND_LIMIT)
  if (tax > 0) deductions.income_tax = portion(gross, tax, 100)
  return { from, to, base, gross, allowances, deductions }
}

/** From the day of joining, with a raise each 1 April after half a year of service. */
function salaryHistory(random: Random, { grade, joined, left }: Person, { asOf, industry }: PayContext): Salary[] {
  const isIntern = grade === 'INTERN'
  const end = left ?? asOf
  const years = Math.min(8, Math.floor((asOf - joined) / 365))
  const range = GRADES[grade]
  // Those who joined long ago started lower and grew into the range of today.
  const full = portion(random.integer(range.from, range.to) * PAISE, PAY_LEVEL[industry], 100)
  let base = portion(full, 100 - 5 * years, 100)
  const history: Salary[] = []
  let from = joined
  for (let year = yearOf(joined); year <= yearOf(end); year++) {
    const raise = dayOfParts(year, 4, 1)
    if (raise < joined + 180 || raise > end) continue
    history.push(salaryOf(wholeStep(base), { from, to: raise - 1, isIntern }))
    base = portion(base, 100 + random.integer(4, 12), 100)
    from = raise
  }
  history.push(salaryOf(wholeStep(base), { from, to: left, isIntern }))
  return history
}

const wholeStep = (amount: number): number => portion(amount, 1, RAISE_STEP) * RAISE_STEP

export function salaryStructures(
  random: Random,
  created: string,
): { standard: SalaryStructureRow; intern: SalaryStructureRow } {
  const stamp = { created_at: created, updated_at: created }
  const earning = (code: string, name: string) => ({ code, name, kind: 'earning' as const })
  const deduction = (code: string, name: string) => ({ code, name, kind: 'deduction' as const })
  return {
    standard: {
      id: random.uuid(),
      name: 'Standard',
      components: [
        earning('base', 'Base salary'),
        earning('house_rent', 'House rent allowance'),
        earning('conveyance', 'Conveyance'),
        earning('special', 'Special allowance'),
        deduction('provident_fund', 'Provident fund'),
        deduction('professional_tax', 'Professional tax'),
        deduction('income_tax', 'Income tax'),
      ],
      ...stamp,
    },
    intern: {
      id: random.uuid(),
      name: 'Stipend',
      components: [
        earning('base', 'Stipend'),
        earning('conveyance', 'Conveyance'),
        deduction('professional_tax', 'Professional tax'),
      ],
      ...stamp,
    },
  }
}

interface PayContext {
  seed: string
  industry: Industry
  asOf: Day
  months: readonly Month[]
  structures: { standard: SalaryStructureRow; intern: SalaryStructureRow }
}

export function payOf(person: Person, leaves: readonly Leave[], context: PayContext) {
  const random = new Random(`${context.seed}:pay:${person.employee.employee_code}`)
  const history = salaryHistory(random, person, context)
  const structure = person.grade === 'INTERN' ? context.structures.intern : context.structures.standard
  const salaries = history.map((salary): EmployeeSalaryRow => {
    const created = instantOf(salary.from, 300)
    return {
      id: random.uuid(),
      employee_id: person.employee.id,
      structure_id: structure.id,
      base_salary: money(salary.base),
      gross_salary: money(salary.gross),
      allowances: inMoney(salary.allowances),
      deductions: inMoney(salary.deductions),
      effective_from: dateOf(salary.from),
      effective_to: salary.to === null ? null : dateOf(salary.to),
      created_at: created,
      updated_at: salary.to === null ? created : instantOf(salary.to, 300),
    }
  })
  const payroll = context.months.flatMap(month => {
    const row = payrollRow(random, { person, leaves, history, month, asOf: context.asOf })
    return row ? [row] : []
  })
  return { salaries, payroll }
}

const inMoney = (amounts: Record<string, number>): Record<string, string> =>
  Object.fromEntries(Object.entries(amounts).map(([name, amount]) => [name, money(amount)]))

interface PayrollInput {
  person: Person
  leaves: readonly Leave[]
  history: readonly Salary[]
  month: Month
  asOf: Day
}

/** One month: everything earned is the month's amount × paid days / working days of the month. */
function payrollRow(random: Random, { person, leaves, history, month, asOf }: PayrollInput): PayrollRow | null {
  const first = Math.max(month.first, person.joined)
  const last = Math.min(month.last, person.left ?? month.last)
  const salary = history.findLast(one => one.from <= last)
  if (first > last || !salary) return null
  const whole = 2 * workingDays(month.first, month.last)
  const employed = 2 * workingDays(first, last)
  const away = leaves
    .filter(leave => leave.status === 'approved')
    .map(leave => ({ ...leave, halves: halvesWithin(leave, first, last) }))
  const onLeave = away.reduce((total, leave) => total + leave.halves, 0)
  const unpaid = away.filter(leave => !leave.isPaid).reduce((total, leave) => total + leave.halves, 0)
  const absent = employed - onLeave >= 8 && random.chance(3) ? 2 : 0
  const earned = (amount: number) => portion(amount, employed - unpaid - absent, whole)
  const gross = earned(salary.gross)
  const deductions = Object.values(salary.deductions).reduce((total, amount) => total + earned(amount), 0)
  const isPast = month.last < asOf
  const drafted = instantOf(Math.min(month.first + 24, asOf), 330)
  const processed = isPast ? instantOf(month.last, 780) : null
  return {
    id: random.uuid(),
    employee_id: person.employee.id,
    month: month.label,
    days_worked: days(employed - onLeave - absent),
    days_absent: days(absent),
    days_leave_taken: days(onLeave),
    gross_salary: money(gross),
    allowances: money(earned(sum(salary.allowances))),
    deductions: money(deductions),
    net_salary: money(gross - deductions),
    status: isPast ? 'processed' : 'draft',
    processed_at: processed,
    created_at: drafted,
    updated_at: processed ?? drafted,
  }
}

/** Half days of a leave between two days, both included. */
function halvesWithin(leave: Leave, first: Day, last: Day): number {
  const start = Math.max(leave.start, first)
  const end = Math.min(leave.end, last)
  if (start > end) return 0
  return leave.start === leave.end ? leave.halves : 2 * workingDays(start, end)
}
