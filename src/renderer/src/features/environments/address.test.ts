import { expect, it } from 'vitest'
import type { Stores } from '#shared/contract/environment.model.ts'
import { addressOf } from './address.ts'

const stores: Stores = {
  postgres: {
    host: 'db',
    port: 5432,
    database: 'hr',
    user: 'dba',
    tls: { mode: 'prefer' },
    registrySchema: 'public',
  },
  mongo: { uri: 'mongodb+srv://reader@a,b/x?tls=true', database: 'hr' },
  redis: {
    mode: 'cluster',
    nodes: [
      { host: 'r1', port: 1 },
      { host: 'r2', port: 2 },
    ],
    database: 0,
    tls: { enabled: false },
  },
  backup: { kind: 's3', region: 'x', bucket: 'b', pathStyle: false, accessKeyId: 'k' },
}

it('says where each store is', () => {
  expect(addressOf('postgres', stores)).toBe('dba@db:5432/hr')
  expect(addressOf('mongo', stores)).toBe('reader@a,b/hr')
  expect(addressOf('redis', stores)).toBe('r1:1 and 1 more')
  expect(addressOf('backup', stores)).toBe('s3://b')
  expect(addressOf('backup', { backup: { kind: 'folder', path: '/x' } })).toBe('/x')
  expect(addressOf('redis', {})).toBe('')
})
