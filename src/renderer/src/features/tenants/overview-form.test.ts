import { expect, it } from 'vitest'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { overviewOf, toUpdate } from './overview-form.ts'

const tenant = {
  name: 'Acme',
  adminEmail: 'a@acme.example',
  description: null,
  settings: { country: 'IN', currency: 'INR', plan: 'gold' },
} as unknown as TenantRow

it('sends nothing when nothing was changed', () => {
  expect(toUpdate(tenant, overviewOf(tenant))).toEqual({})
})

it('sends what was changed, removes emptied settings and leaves the unknown ones alone', () => {
  const values = overviewOf(tenant)
  const update = toUpdate(tenant, {
    ...values,
    name: 'Acme Ltd',
    description: 'Makes things',
    settings: { ...values.settings, currency: '', timezone: 'Asia/Kolkata' },
  })
  expect(update).toEqual({
    name: 'Acme Ltd',
    description: 'Makes things',
    settings: { currency: null, timezone: 'Asia/Kolkata' },
  })
})

it('clears a description with null', () => {
  const described = { ...tenant, description: 'Old' }
  expect(toUpdate(described, { ...overviewOf(described), description: '' })).toEqual({ description: null })
})
