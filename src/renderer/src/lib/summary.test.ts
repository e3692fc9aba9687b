import { expect, it } from 'vitest'
import { shortJobTitle, shortSummary } from './summary.ts'

const summary = 'Provision a tenant: schema, migrations, default data and administrator'

it('shortens the operation and leaves the subject whole', () => {
  expect(shortJobTitle(`${summary} · Acme: the company; Ltd`, summary)).toBe(
    'Provision a tenant · Acme: the company; Ltd',
  )
  expect(shortJobTitle(summary, summary)).toBe('Provision a tenant')
})

it('leaves alone what it does not know', () => {
  expect(shortJobTitle('Something: else', undefined)).toBe('Something: else')
  expect(shortJobTitle('Something: else', summary)).toBe('Something: else')
  expect(shortSummary('Archive a tenant: its data stays')).toBe('Archive a tenant')
})
