import fc from 'fast-check'
import { expect, it } from 'vitest'
import { SLUG_PATTERN } from '#shared/contract/tenant.model.ts'
import { slugOf } from './slug.ts'

it.each([
  ['Acme Corp', 'acme-corp'],
  ['  Müller & Söhne GmbH ', 'muller-sohne-gmbh'],
  ['O’Brien’s 24/7 Café', 'obriens-24-7-cafe'],
  ['3M India', 'm-india'],
  ['नमस्ते', ''],
])('slugOf(%j) is %j', (name, slug) => {
  expect(slugOf(name)).toBe(slug)
})

it('proposes nothing that the registry refuses, except what is too short', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 120 }), name => {
      const slug = slugOf(name)
      expect(slug.length < 2 || SLUG_PATTERN.test(slug)).toBe(true)
    }),
  )
})
