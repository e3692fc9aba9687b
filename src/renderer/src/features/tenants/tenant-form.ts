import { CreateTenant } from '#shared/contract/tenants.ts'
import { type FieldMessages, validate, withoutEmpty } from '../../lib/form-errors.ts'

export interface TenantFormValues {
  name: string
  slug: string
  adminEmail: string
  adminFirstName: string
  adminLastName: string
  description: string
  settings: { country: string; currency: string; financialYear: string; timezone: string }
}

export const EMPTY_TENANT: TenantFormValues = {
  name: '',
  slug: '',
  adminEmail: '',
  adminFirstName: '',
  adminLastName: '',
  description: '',
  settings: { country: '', currency: '', financialYear: '', timezone: '' },
}

const Schema = CreateTenant.omit({ environmentId: true })

/** What the contract takes: fields that were left empty are absent, so that its defaults hold. */
export function toCreateInput(values: TenantFormValues) {
  const { name, slug, adminEmail, settings, ...optional } = values
  return { ...withoutEmpty(optional), name, slug, adminEmail, settings: withoutEmpty(settings) }
}

export const validateTenant = (values: TenantFormValues): FieldMessages => validate(Schema, toCreateInput(values))
