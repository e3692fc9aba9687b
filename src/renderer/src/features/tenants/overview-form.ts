import type { InputOf } from '#shared/contract/index.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'

const SETTINGS = ['country', 'currency', 'financialYear', 'timezone'] as const
export type KnownSetting = (typeof SETTINGS)[number]
export const isKnownSetting = (name: string): boolean => SETTINGS.some(known => known === name)

export interface OverviewValues {
  name: string
  adminEmail: string
  description: string
  settings: Record<KnownSetting, string>
}

const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

export function overviewOf(tenant: TenantRow): OverviewValues {
  const { country, currency, financialYear, timezone } = tenant.settings
  return {
    name: tenant.name,
    adminEmail: tenant.adminEmail,
    description: tenant.description ?? '',
    settings: {
      country: textOf(country),
      currency: textOf(currency),
      financialYear: textOf(financialYear),
      timezone: textOf(timezone),
    },
  }
}

type Update = Omit<InputOf<'tenants.update'>, 'environmentId' | 'tenantId'>

/** Only what was changed. A setting that was emptied is sent as null, which removes it. */
export function toUpdate(tenant: TenantRow, values: OverviewValues): Update {
  const before = overviewOf(tenant)
  const changed = SETTINGS.filter(name => values.settings[name] !== before.settings[name])
  const settings = Object.fromEntries(
    changed.map(name => [name, values.settings[name] === '' ? null : values.settings[name]]),
  )
  return {
    ...(values.name === before.name ? {} : { name: values.name }),
    ...(values.adminEmail === before.adminEmail ? {} : { adminEmail: values.adminEmail }),
    ...(values.description === before.description ? {} : { description: values.description || null }),
    ...(changed.length === 0 ? {} : { settings: settings as NonNullable<Update['settings']> }),
  }
}
