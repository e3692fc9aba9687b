import { expect, it } from 'vitest'
import { MAX_RECENT, withRecent } from './recent-tenants.ts'

const tenant = (id: string, name = id) => ({ id, name, slug: id })

it('withRecent puts the tenant first, once, under its present name', () => {
  const recent = [tenant('a'), tenant('b'), tenant('c')]
  expect(withRecent(recent, tenant('c', 'renamed'))).toEqual([tenant('c', 'renamed'), tenant('a'), tenant('b')])
})

it('withRecent keeps no more than fit', () => {
  const full = Array.from({ length: MAX_RECENT }, (_tenant, index) => tenant(`t${index}`))
  const next = withRecent(full, tenant('new'))
  expect(next).toHaveLength(MAX_RECENT)
  expect(next.map(({ id }) => id)).not.toContain(`t${MAX_RECENT - 1}`)
})
