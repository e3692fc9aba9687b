import { type Day, dateOf, instantOf, isWorkingDay } from './calendar.ts'
import { mailName, type PersonName, peopleNames } from './names.ts'
import { type DepartmentPlan, type Grade, INDUSTRIES, type Industry, TEAM_SIZE } from './profiles.ts'
import { Random } from './random.ts'
import type { DepartmentRow, EmployeeRow, UserRow } from './rows.ts'

export interface Organization {
  seed: string
  employees: number
  industry: Industry
  emailDomain: string
  /** First day of the oldest payroll month, and the day on which the data ends. */
  from: Day
  asOf: Day
}

interface Position {
  grade: Grade
  department: string
  /** Index of the manager, always smaller than one's own; null at the top. */
  manager: number | null
}

export interface Person {
  grade: Grade
  user: UserRow
  employee: EmployeeRow
  joined: Day
  /** Last day at work; null while employed. */
  left: Day | null
  /** The user who decides this person's requests; null when nobody else is there. */
  approver: string | null
}

const YEAR = 365
const BCRYPT_ALPHABET = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

export const departmentsOf = (organization: Organization): DepartmentPlan[] =>
  INDUSTRIES[organization.industry].slice(0, Math.max(1, Math.floor(organization.employees / 2)))

/** Everybody's place: the CEO, one head per department, then leads and staff. */
export function planPositions(organization: Organization): Position[] {
  const random = new Random(`${organization.seed}:positions`)
  const departments = departmentsOf(organization)
  const positions: Position[] = []
  const headOf = new Map<string, number>()
  for (const { code, parent } of departments) {
    headOf.set(code, positions.length)
    positions.push({
      grade: parent === null ? 'CEO' : 'HEAD',
      department: code,
      manager: parent === null ? null : (headOf.get(parent) ?? 0),
    })
  }
  const sizes = shares(organization.employees - departments.length, departments)
  for (const [index, { code }] of departments.entries()) {
    const size = sizes[index] ?? 0
    const leads = size > TEAM_SIZE ? Math.floor(size / TEAM_SIZE) : 0
    const head = headOf.get(code) ?? 0
    const firstLead = positions.length
    for (let i = 0; i < leads; i++) positions.push({ grade: 'LEAD', department: code, manager: head })
    for (let i = 0; i < size - leads; i++) {
      positions.push({
        grade: random.chance(35) ? 'SENIOR' : random.chance(10) ? 'INTERN' : 'ASSOCIATE',
        department: code,
        manager: leads > 0 ? firstLead + (i % leads) : head,
      })
    }
  }
  return positions
}

/** Whole numbers by weight that add up to `total`. */
function shares(total: number, departments: readonly { weight: number }[]): number[] {
  const weights = departments.reduce((sum, { weight }) => sum + weight, 0)
  let before = 0
  return departments.map(({ weight }) => {
    const start = Math.floor((total * before) / weights)
    before += weight
    return Math.floor((total * before) / weights) - start
  })
}

export function people(organization: Organization, designationIds: Map<string, string>): Person[] {
  const positions = planPositions(organization)
  const random = new Random(`${organization.seed}:people`)
  const names = peopleNames(random, positions.length)
  const taken = new Set<string>()
  const found: Person[] = []
  for (const [index, position] of positions.entries()) {
    const name = names[index]
    if (!name) throw new RangeError(`No name for position ${index}`)
    const email = `${mailName(name, taken)}@${organization.emailDomain}`
    const dates = employment(random, organization, { index, grade: position.grade })
    const manager = position.manager === null ? undefined : found[position.manager]
    const user = userRow(random, organization, { name, email, grade: position.grade, ...dates })
    const employee = employeeRow(random, { name, email, index, userId: user.id, ...dates, grade: position.grade })
    employee.department_id = departmentId(organization, position.department)
    employee.designation_id = designationIds.get(position.grade) ?? ''
    employee.manager_id = manager?.employee.id ?? null
    found.push({ ...dates, grade: position.grade, user, employee, approver: manager?.user.id ?? null })
  }
  // Nobody stands above the top: the first head decides there.
  const [top, deputy] = found
  if (top && deputy) top.approver = deputy.user.id
  return found
}

interface Employment {
  joined: Day
  left: Day | null
  status: EmployeeRow['status']
}

function employment(
  random: Random,
  { from, asOf }: Organization,
  { index, grade }: { index: number; grade: Grade },
): Employment {
  const joined = workingDay(joiningDay(random, { from, asOf, grade }))
  const isStaff = grade === 'ASSOCIATE' || grade === 'SENIOR'
  if (isStaff && index % 29 === 17 && joined < asOf - YEAR) return { joined, left: null, status: 'on_leave' }
  const earliest = Math.max(joined + 60, from + 20)
  if (isStaff && earliest < asOf - 10 && random.chance(7)) {
    const left = workingDay(random.integer(earliest, asOf - 10))
    return { joined, left, status: random.chance(75) ? 'terminated' : 'inactive' }
  }
  return { joined, left: null, status: 'active' }
}

function joiningDay(random: Random, { from, asOf, grade }: { from: Day; asOf: Day; grade: Grade }): Day {
  if (grade === 'CEO') return from - random.integer(9 * YEAR, 11 * YEAR)
  if (grade === 'HEAD') return from - random.integer(4 * YEAR, 8 * YEAR)
  if (grade === 'LEAD') return from - random.integer(YEAR, 6 * YEAR)
  if (grade === 'INTERN') return asOf - random.integer(25, 280)
  return random.chance(75) ? from - random.integer(30, 5 * YEAR) : random.integer(from, Math.max(from, asOf - 25))
}

function workingDay(day: Day): Day {
  let found = day
  while (!isWorkingDay(found)) found--
  return found
}

interface PersonFacts extends Employment {
  name: PersonName
  email: string
  grade: Grade
}

function userRow(random: Random, { asOf }: Organization, facts: PersonFacts): UserRow {
  const created = instantOf(facts.joined, random.integer(210, 400))
  const login = instantOf(random.integer(Math.max(facts.joined, asOf - 9), asOf), random.integer(150, 700))
  const roles = { CEO: 'admin', HEAD: 'viewer' } as const
  return {
    id: random.uuid(),
    email: facts.email,
    // Shaped like bcrypt, made from no password: nobody can sign in with it.
    password_hash: `$2b$12$${Array.from({ length: 53 }, () => random.pick([...BCRYPT_ALPHABET])).join('')}`,
    first_name: facts.name.first,
    last_name: facts.name.last,
    role: facts.grade === 'CEO' || facts.grade === 'HEAD' ? roles[facts.grade] : 'user',
    is_active: facts.left === null,
    last_login_at: facts.left !== null ? instantOf(facts.left, 500) : random.chance(95) ? login : null,
    created_at: created,
    updated_at: facts.left === null ? created : instantOf(facts.left, 720),
  }
}

/** Identity numbers are made so that no real person can have them: no real Aadhaar starts with 0, no mobile with 5. */
function employeeRow(
  random: Random,
  { name, email, index, userId, joined, left, status, grade }: PersonFacts & { index: number; userId: string },
): EmployeeRow {
  const initial = /^[A-Z]/.exec(name.last.normalize('NFD').toUpperCase())?.[0] ?? 'X'
  const created = instantOf(joined, random.integer(210, 400))
  const ages = {
    CEO: [48, 60],
    HEAD: [36, 56],
    LEAD: [30, 45],
    SENIOR: [26, 44],
    ASSOCIATE: [22, 38],
    INTERN: [20, 23],
  }
  const [youngest = 20, oldest = 60] = ages[grade]
  return {
    id: random.uuid(),
    user_id: userId,
    employee_code: `EMP-${String(index + 1).padStart(4, '0')}`,
    email,
    phone: `+915555${random.digits(6)}`,
    date_of_birth: dateOf(joined - random.integer(youngest * YEAR, oldest * YEAR) + random.integer(0, YEAR - 1)),
    gender: name.gender,
    department_id: '',
    designation_id: '',
    manager_id: null,
    employment_type:
      grade === 'INTERN' ? 'intern' : random.chance(6) ? 'contract' : random.chance(5) ? 'part_time' : 'full_time',
    date_of_joining: dateOf(joined),
    date_of_leaving: status === 'terminated' && left !== null ? dateOf(left) : null,
    status,
    pan: `ZZ${random.letters(1)}P${initial}${random.digits(4)}${random.letters(1)}`,
    aadhaar: `0099${random.digits(8)}`,
    bank_account: random.digits(random.integer(11, 14)),
    ifsc_code: `${random.pick(['DEMO', 'TEST', 'XMPL'])}0${random.digits(6)}`,
    created_at: created,
    updated_at: left === null ? created : instantOf(left, 720),
  }
}

/** Derived from the seed and the code alone, so that rows can name a department before it is made. */
const departmentId = ({ seed }: Organization, code: string) => new Random(`${seed}:department:${code}`).uuid()

export function departmentRows(organization: Organization, staff: readonly Person[]): DepartmentRow[] {
  const created = instantOf(staff[0]?.joined ?? organization.from, 200)
  return departmentsOf(organization).map(({ code, name, parent }, index) => ({
    id: departmentId(organization, code),
    name,
    code,
    parent_id: parent === null ? null : departmentId(organization, parent),
    // Heads come first among the positions, in the order of the departments.
    head: staff[index]?.employee.id ?? null,
    created_at: created,
    updated_at: created,
  }))
}
