/** Rows of one tenant as the loader writes them: columns by their names, money and days as decimal strings. */

export interface Dated {
  id: string
  created_at: string
  updated_at: string
}
export interface UserRow extends Dated {
  email: string
  password_hash: string
  first_name: string
  last_name: string
  role: string
  is_active: boolean
  last_login_at: string | null
}
export interface DepartmentRow extends Dated {
  name: string
  code: string
  parent_id: string | null
  head: string | null
}
export interface DesignationRow extends Dated {
  name: string
  code: string
  level: number
}
export interface EmployeeRow extends Dated {
  user_id: string
  employee_code: string
  email: string
  phone: string
  date_of_birth: string
  gender: string
  department_id: string
  designation_id: string
  manager_id: string | null
  employment_type: string
  date_of_joining: string
  date_of_leaving: string | null
  status: 'active' | 'on_leave' | 'inactive' | 'terminated'
  pan: string
  aadhaar: string
  bank_account: string
  ifsc_code: string
}
export interface SalaryStructureRow extends Dated {
  name: string
  components: { code: string; name: string; kind: 'earning' | 'deduction' }[]
}
export interface EmployeeSalaryRow extends Dated {
  employee_id: string
  structure_id: string
  base_salary: string
  gross_salary: string
  allowances: Record<string, string>
  deductions: Record<string, string>
  effective_from: string
  effective_to: string | null
}
export interface PayrollRow extends Dated {
  employee_id: string
  month: string
  days_worked: string
  days_absent: string
  days_leave_taken: string
  gross_salary: string
  allowances: string
  deductions: string
  net_salary: string
  status: 'draft' | 'processed'
  processed_at: string | null
}
export interface LeaveTypeRow extends Dated {
  name: string
  code: string
  max_days_per_year: number
  is_paid: boolean
  requires_approval: boolean
}
export interface LeaveRow extends Dated {
  employee_id: string
  leave_type_id: string
  start_date: string
  end_date: string
  number_of_days: string
  reason: string
  status: 'pending' | 'approved' | 'rejected' | 'cancelled'
  approved_by: string | null
  approved_at: string | null
  approval_comments: string | null
}
export interface LeaveBalanceRow extends Dated {
  employee_id: string
  leave_type_id: string
  year: number
  opening_balance: string
  leaves_taken: string
  leaves_approved: string
  closing_balance: string
}
export interface WorkflowRow extends Dated {
  name: string
  entity_type: string
  steps: readonly unknown[]
}
export interface ApprovalRow extends Dated {
  workflow_id: string
  entity_type: string
  entity_id: string
  current_step: number
  assigned_to: string | null
  status: LeaveRow['status']
  actioned_at: string | null
  comments: string | null
}
export interface AuditRow {
  id: string
  user_id: string | null
  action: string
  entity_type: string
  entity_id: string | null
  changes: Record<string, unknown>
  created_at: string
}
export interface SettingRow extends Dated {
  key: string
  value: unknown
}

/** Tables in insert order. The first five may meet rows of the default data, see load.ts. */
export interface TenantData {
  designations: DesignationRow[]
  leave_types: LeaveTypeRow[]
  approval_workflows: WorkflowRow[]
  organization_settings: SettingRow[]
  departments: DepartmentRow[]
  users: UserRow[]
  employees: EmployeeRow[]
  salary_structures: SalaryStructureRow[]
  employee_salaries: EmployeeSalaryRow[]
  payroll: PayrollRow[]
  leaves: LeaveRow[]
  employee_leave_balance: LeaveBalanceRow[]
  approvals: ApprovalRow[]
  audit_logs: AuditRow[]
}

/** Fixed-point decimals from whole numbers: minor units of money, halves of days. */
export function money(minor: number): string {
  const digits = Math.abs(minor).toString().padStart(3, '0')
  return `${minor < 0 ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`
}
export const days = (halves: number): string => (halves / 2).toFixed(1)
