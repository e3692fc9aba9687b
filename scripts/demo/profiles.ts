/** How organizations of an industry are built: departments as a tree, sized by weight. */
export interface DepartmentPlan {
  code: string
  name: string
  /** Code of the department above; null for the root, whose head leads the organization. */
  parent: string | null
  /** Share of the staff. */
  weight: number
}

const COMMON: DepartmentPlan[] = [
  { code: 'ADMIN', name: 'Administration', parent: null, weight: 2 },
  { code: 'OPS', name: 'Operations', parent: 'ADMIN', weight: 8 },
  { code: 'FIN', name: 'Finance', parent: 'ADMIN', weight: 6 },
  { code: 'HR', name: 'Human Resources', parent: 'ADMIN', weight: 5 },
]

/** Most important first: a small organization has only the beginning of its list. */
export const INDUSTRIES = {
  software: [
    ...COMMON,
    { code: 'ENG', name: 'Engineering', parent: 'ADMIN', weight: 12 },
    { code: 'SALES', name: 'Sales & Marketing', parent: 'ADMIN', weight: 14 },
    { code: 'ENG-PLAT', name: 'Platform Engineering', parent: 'ENG', weight: 16 },
    { code: 'ENG-APP', name: 'Product Engineering', parent: 'ENG', weight: 22 },
    { code: 'ENG-QA', name: 'Quality Assurance', parent: 'ENG', weight: 10 },
    { code: 'SUPPORT', name: 'Customer Support', parent: 'OPS', weight: 14 },
    { code: 'IT', name: 'Internal IT', parent: 'OPS', weight: 5 },
    { code: 'LEGAL', name: 'Legal & Compliance', parent: 'ADMIN', weight: 3 },
  ],
  bakery: [
    ...COMMON.slice(0, 2),
    { code: 'KITCHEN', name: 'Bakehouse', parent: 'OPS', weight: 8 },
    { code: 'SHOP', name: 'Shop & Café', parent: 'OPS', weight: 4 },
  ],
  logistics: [
    ...COMMON,
    { code: 'FLEET', name: 'Fleet', parent: 'OPS', weight: 20 },
    { code: 'HUB-W', name: 'Western Hub (Pune – Mumbai)', parent: 'OPS', weight: 14 },
    { code: 'HUB-S', name: 'Southern Hub', parent: 'OPS', weight: 12 },
    { code: 'CUSTOMS', name: 'Customs Clearance', parent: 'OPS', weight: 4 },
  ],
} satisfies Record<string, DepartmentPlan[]>
export type Industry = keyof typeof INDUSTRIES

/** Pay beside the software industry's, in percent. */
export const PAY_LEVEL: Record<Industry, number> = { software: 100, bakery: 35, logistics: 70 }

/** Codes of the default designations, top first, with the monthly base salary they start from, in rupees. */
export const GRADES = {
  CEO: { from: 420_000, to: 480_000 },
  HEAD: { from: 190_000, to: 260_000 },
  LEAD: { from: 110_000, to: 150_000 },
  SENIOR: { from: 65_000, to: 105_000 },
  ASSOCIATE: { from: 32_000, to: 60_000 },
  INTERN: { from: 14_000, to: 20_000 },
} as const
export type Grade = keyof typeof GRADES

/** Below this many people departments have no team leads. */
export const TEAM_SIZE = 7
