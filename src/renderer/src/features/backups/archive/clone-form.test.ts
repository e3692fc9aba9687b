import { expect, test } from 'vitest'
import { type CloneValues, toCloneInput, validateClone } from './clone-form.ts'

const HERE = '8d2f6a52-93a5-4a5e-b0a5-0f8f9d4a1111'
const THERE = '8d2f6a52-93a5-4a5e-b0a5-0f8f9d4a2222'
const source = { environmentId: HERE, archive: 'backups/schemas/tenant_a_1f3a9c0e/backup_schema_2026-01-31T02-00-00/' }
const values: CloneValues = {
  environmentId: HERE,
  name: 'Acme trial',
  slug: 'acme-trial',
  adminEmail: 'admin@trial.example',
  schemaChoice: 'migrate',
  mask: true,
  typed: '',
  reason: '',
}
const STAGING = { name: 'Staging', isProduction: false }
const PRODUCTION = { name: 'Live', isProduction: true }

test('what was left empty is absent', () => {
  const unmasked = { ...values, adminEmail: ' ', mask: false }
  expect(toCloneInput(unmasked, source, STAGING)).toEqual({
    environmentId: HERE,
    archive: source.archive,
    name: 'Acme trial',
    slug: 'acme-trial',
    schemaChoice: 'migrate',
    mask: false,
  })
  expect(validateClone(unmasked, source, STAGING)).toEqual({})
})

test('another environment is told where the archive lies', () => {
  expect(toCloneInput({ ...values, environmentId: THERE }, source, STAGING)).toMatchObject({
    environmentId: THERE,
    sourceEnvironmentId: HERE,
  })
})

test('production asks for its name and a reason', () => {
  expect(Object.keys(validateClone(values, source, PRODUCTION)).sort()).toEqual(['reason', 'typed'])
  const said = { ...values, typed: 'Live', reason: 'A copy for the audit' }
  expect(validateClone(said, source, PRODUCTION)).toEqual({})
  expect(toCloneInput(said, source, PRODUCTION).confirmation).toEqual({ typed: 'Live', reason: 'A copy for the audit' })
})

test('a slug that the registry would refuse is refused here', () => {
  expect(validateClone({ ...values, slug: 'Acme Trial' }, source, STAGING)).toHaveProperty('slug')
})

test('a masked copy needs an administrator of its own', () => {
  expect(Object.keys(validateClone({ ...values, adminEmail: '' }, source, STAGING))).toEqual(['adminEmail'])
  expect(validateClone(values, source, STAGING)).toEqual({})
})
