import type { DemoOptions } from './generate.ts'

export interface DemoTenant {
  slug: string
  name: string
  description: string
  adminEmail: string
  adminFirstName: string
  adminLastName: string
  settings: { country: string; currency: string; financialYear: string; timezone: string }
  /** Set where the tenant is to be suspended after loading. */
  suspension: { reason: string } | null
  features: readonly DemoFeature[]
  data: DemoOptions
}

interface DemoFeature {
  feature: string
  enabled: boolean
  config: Record<string, string | number | boolean>
}

/** Fixed, so that the demo is the same whenever it is started. */
export const DEMO_AS_OF = '2026-11-18'

const INDIA = { country: 'IN', currency: 'INR', financialYear: '04-01', timezone: 'Asia/Kolkata' }

export const DEMO_TENANTS: readonly DemoTenant[] = [
  {
    slug: 'acme-corp',
    name: 'Acme Corporation',
    description: 'Software company with two years of payroll, leave and approvals',
    adminEmail: 'admin@acme-corp.example',
    adminFirstName: 'Asha',
    adminLastName: 'Raghavan',
    settings: INDIA,
    suspension: null,
    features: [
      { feature: 'payroll', enabled: true, config: { lockDay: 25, approvers: 2 } },
      { feature: 'leave.self-service', enabled: true, config: {} },
      { feature: 'appraisals', enabled: true, config: { cycle: 'half-yearly' } },
      { feature: 'attendance.geofence', enabled: false, config: { radiusMetres: 200 } },
    ],
    data: {
      seed: 'acme-corp',
      employees: 145,
      months: 24,
      asOf: DEMO_AS_OF,
      industry: 'software',
      emailDomain: 'acme-corp.example',
    },
  },
  {
    slug: 'tiny-bakery',
    name: 'Tiny Bakery',
    description: 'A shop, an oven and six people',
    adminEmail: 'admin@tiny-bakery.example',
    adminFirstName: 'Maya',
    adminLastName: 'Lobo',
    settings: INDIA,
    suspension: null,
    features: [
      { feature: 'payroll', enabled: true, config: { lockDay: 28, approvers: 1 } },
      { feature: 'leave.self-service', enabled: false, config: {} },
    ],
    data: {
      seed: 'tiny-bakery',
      employees: 6,
      months: 8,
      asOf: DEMO_AS_OF,
      industry: 'bakery',
      emailDomain: 'tiny-bakery.example',
    },
  },
  {
    slug: 'northwind-logistics',
    name: 'Northwind Logistics',
    description: 'Road freight between Pune and Chennai',
    adminEmail: 'admin@northwind-logistics.example',
    adminFirstName: 'Joseph',
    adminLastName: 'Mathew',
    settings: INDIA,
    suspension: { reason: 'Invoices unpaid for 90 days' },
    features: [
      { feature: 'payroll', enabled: true, config: { lockDay: 26, approvers: 2 } },
      { feature: 'leave.self-service', enabled: true, config: {} },
      { feature: 'attendance.geofence', enabled: true, config: { radiusMetres: 500 } },
    ],
    data: {
      seed: 'northwind-logistics',
      employees: 42,
      months: 12,
      asOf: DEMO_AS_OF,
      industry: 'logistics',
      emailDomain: 'northwind-logistics.example',
    },
  },
]
