import {
  type Day,
  dateOf,
  dayOfParts,
  instantOf,
  isWorkingDay,
  lastOfWorkingDays,
  workingDays,
  yearOf,
} from './calendar.ts'
import type { Person } from './people.ts'
import { Random } from './random.ts'
import { type ApprovalRow, days, type LeaveBalanceRow, type LeaveRow, type LeaveTypeRow } from './rows.ts'

export interface Leave {
  start: Day
  end: Day
  /** Working days, in halves. */
  halves: number
  type: LeaveTypeRow
  isPaid: boolean
  status: LeaveRow['status']
}

/** How people take a kind of leave: requests a year, and working days (in halves) of one. */
const HABITS: Record<string, { requests: [number, number]; halves: number[]; reasons: string[] }> = {
  AL: {
    requests: [2, 5],
    halves: [2, 4, 4, 6, 10, 10],
    reasons: ['Family holiday', 'Wedding in the family', 'Travel', 'Moving house', 'Diwali with the family'],
  },
  SL: {
    requests: [0, 4],
    halves: [2, 2, 4, 6],
    reasons: ['Fever', 'Migraine', 'Dental treatment', 'Flu', 'Back pain'],
  },
  CL: {
    requests: [0, 4],
    halves: [1, 2, 2],
    reasons: ['Bank errand', 'School meeting', 'Visit to the passport office', 'Plumber at home'],
  },
  UL: { requests: [0, 0], halves: [2, 4, 10], reasons: ['Care for a parent', 'Exams', 'Personal matters'] },
}
const PARENTAL = 'PL'
const ATTEMPTS = 6
const DECISIONS = {
  pending: [null],
  approved: [null, null, 'Approved', 'Fine, thank you for telling in time'],
  rejected: ['Release week, please choose other dates', 'Too many people away at that time'],
  cancelled: [null, 'Plans changed'],
} as const

export interface LeaveContext {
  seed: string
  from: Day
  asOf: Day
  types: readonly LeaveTypeRow[]
  workflowId: string
}

/** What a person asked for and got. Requests never overlap, stay within one calendar year and within its balance. */
export function leavesOf(person: Person, context: LeaveContext): Leave[] {
  const random = new Random(`${context.seed}:leave:${person.employee.employee_code}`)
  const leaves: Leave[] = []
  if (person.employee.status === 'on_leave') leaves.push(...parentalLeave(random, context))
  const end = person.left ?? context.asOf
  for (const year of yearsOf(person, context)) {
    const period = {
      first: Math.max(dayOfParts(year, 1, 1), context.from, person.joined),
      last: Math.min(dayOfParts(year, 12, 31), end),
    }
    for (const type of context.types) pastLeaves(random, { type, period, leaves })
  }
  if (person.employee.status === 'active' && random.chance(18)) comingLeave(random, context, leaves)
  return leaves.sort((one, other) => one.start - other.start)
}

/** Calendar years in which the person was employed and the data has days. */
const yearsOf = ({ joined, left }: Person, { from, asOf }: LeaveContext): number[] => {
  const first = yearOf(Math.max(joined, from))
  return Array.from({ length: Math.max(0, yearOf(left ?? asOf) - first + 1) }, (_, i) => first + i)
}

function parentalLeave(random: Random, { asOf, types }: LeaveContext): Leave[] {
  const type = types.find(one => one.code === PARENTAL)
  if (!type) return []
  const start = lastOfWorkingDays(Math.max(asOf - random.integer(8, 40), dayOfParts(yearOf(asOf), 1, 1)), 1)
  const end = Math.min(Math.max(asOf, lastOfWorkingDays(start, 60)), dayOfParts(yearOf(asOf), 12, 31))
  return [leaveOf(type, { start, end, status: 'approved' })]
}

const leaveOf = (type: LeaveTypeRow, { start, end, status }: Pick<Leave, 'start' | 'end' | 'status'>): Leave => ({
  start,
  end,
  halves: 2 * workingDays(start, end),
  type,
  isPaid: type.is_paid,
  status,
})

interface PastInput {
  type: LeaveTypeRow
  period: { first: Day; last: Day }
  leaves: Leave[]
}

function pastLeaves(random: Random, { type, period, leaves }: PastInput): void {
  const habit = HABITS[type.code]
  const length = period.last - period.first + 1
  if (!habit || length < 10) return
  const [fewest, most] = habit.requests
  const wanted = type.is_paid ? Math.round((random.integer(fewest, most) * length) / 365) : random.chance(4) ? 1 : 0
  for (let i = 0; i < wanted * ATTEMPTS && taken(leaves, type, period).length < wanted; i++) {
    const halves = random.pick(habit.halves)
    const start = random.integer(period.first, period.last)
    const end = lastOfWorkingDays(start, Math.ceil(halves / 2))
    const status =
      !type.requires_approval || random.chance(88) ? 'approved' : random.chance(55) ? 'rejected' : 'cancelled'
    const leave: Leave = { start, end, halves, type, isPaid: type.is_paid, status }
    if (isWorkingDay(start) && end <= period.last && fits(leave, leaves)) leaves.push(leave)
  }
}

const taken = (leaves: readonly Leave[], type: LeaveTypeRow, { first, last }: PastInput['period']): Leave[] =>
  leaves.filter(leave => leave.type === type && leave.start >= first && leave.start <= last)

/** A request for the weeks to come that waits for its decision. */
function comingLeave(random: Random, { asOf, types }: LeaveContext, leaves: Leave[]): void {
  const type = types.find(one => one.code === 'AL')
  if (!type) return
  const start = lastOfWorkingDays(asOf + 1, random.integer(1, 20))
  const end = lastOfWorkingDays(start, random.integer(1, 5))
  const leave = leaveOf(type, { start, end, status: 'pending' })
  if (yearOf(end) === yearOf(asOf) && fits(leave, leaves)) leaves.push(leave)
}

function fits(leave: Leave, leaves: readonly Leave[]): boolean {
  if (leaves.some(other => other.start <= leave.end && leave.start <= other.end)) return false
  const used = leaves
    .filter(other => other.type === leave.type && yearOf(other.start) === yearOf(leave.start) && counts(other))
    .reduce((total, other) => total + other.halves, 0)
  return used + leave.halves <= 2 * leave.type.max_days_per_year
}

const counts = (leave: Leave): boolean => leave.status === 'approved' || leave.status === 'pending'

export function leaveRows(person: Person, leaves: readonly Leave[], context: LeaveContext) {
  const random = new Random(`${context.seed}:requests:${person.employee.employee_code}`)
  const requests: LeaveRow[] = []
  const approvals: ApprovalRow[] = []
  for (const leave of leaves) {
    const request = requestRow(random, leave, { person, asOf: context.asOf })
    requests.push(request)
    if (leave.type.requires_approval)
      approvals.push(approvalRow(random, request, { person, workflowId: context.workflowId }))
  }
  return { requests, approvals, balances: balanceRows(random, leaves, { person, context }) }
}

function requestRow(random: Random, leave: Leave, { person, asOf }: { person: Person; asOf: Day }): LeaveRow {
  const notice = leave.type.code === 'SL' ? 0 : random.integer(3, 25)
  const asked = Math.min(Math.max(person.joined, leave.start - notice), asOf)
  const isDecided = leave.status !== 'pending'
  const decided = leave.type.requires_approval ? Math.min(asked + random.integer(0, 3), asOf) : asked
  const byManager = leave.type.requires_approval && (leave.status === 'approved' || leave.status === 'rejected')
  const created = instantOf(asked, random.integer(200, 500))
  const actioned = instantOf(decided, random.integer(510, 800))
  return {
    id: random.uuid(),
    employee_id: person.employee.id,
    leave_type_id: leave.type.id,
    start_date: dateOf(leave.start),
    end_date: dateOf(leave.end),
    number_of_days: days(leave.halves),
    reason: random.pick(HABITS[leave.type.code]?.reasons ?? ['New baby']),
    status: leave.status,
    approved_by: byManager ? person.approver : null,
    approved_at: leave.status === 'approved' || leave.status === 'rejected' ? actioned : null,
    approval_comments: byManager ? random.pick<string | null>(DECISIONS[leave.status]) : null,
    created_at: created,
    updated_at: isDecided ? actioned : created,
  }
}

function approvalRow(
  random: Random,
  request: LeaveRow,
  { person, workflowId }: { person: Person; workflowId: string },
): ApprovalRow {
  return {
    id: random.uuid(),
    workflow_id: workflowId,
    entity_type: 'leave',
    entity_id: request.id,
    current_step: 1,
    assigned_to: person.approver,
    status: request.status,
    actioned_at: request.status === 'pending' ? null : request.updated_at,
    comments: request.approval_comments,
    created_at: request.created_at,
    updated_at: request.updated_at,
  }
}

/** One row per type and year. In this data every approved leave has begun, so what is approved is also taken. */
function balanceRows(
  random: Random,
  leaves: readonly Leave[],
  { person, context }: { person: Person; context: LeaveContext },
): LeaveBalanceRow[] {
  return yearsOf(person, context).flatMap(year =>
    context.types.map((type): LeaveBalanceRow => {
      const approved = leaves
        .filter(leave => leave.type === type && leave.status === 'approved' && yearOf(leave.start) === year)
        .reduce((total, leave) => total + leave.halves, 0)
      const opening = 2 * type.max_days_per_year
      const created = instantOf(Math.max(person.joined, dayOfParts(year, 1, 1)), 200)
      return {
        id: random.uuid(),
        employee_id: person.employee.id,
        leave_type_id: type.id,
        year,
        opening_balance: days(opening),
        leaves_taken: days(approved),
        leaves_approved: days(approved),
        closing_balance: days(opening - approved),
        created_at: created,
        updated_at: created,
      }
    }),
  )
}
