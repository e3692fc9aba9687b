import { describe, expect, it } from 'vitest'
import type { Stores } from '#shared/contract/environment.model.ts'
import { storeAddress } from './store-address.ts'

const stores: Stores = {
  postgres: {
    host: '::1',
    port: 5432,
    database: 'hr',
    user: 'dba',
    tls: { mode: 'prefer' },
    registrySchema: 'public',
  },
  mongo: { uri: 'mongodb+srv://reader@a,b/x?tls=true', database: 'hr' },
  redis: { mode: 'single', nodes: [{ host: 'cache', port: 6379 }], database: 2, tls: { enabled: false } },
  backup: { kind: 's3', region: 'eu-central-1', bucket: 'archives', pathStyle: false, accessKeyId: 'k' },
}

describe('storeAddress', () => {
  it('says where each store is', () => {
    expect(storeAddress('postgres', stores)).toBe('dba@[::1]:5432/hr')
    expect(storeAddress('mongo', stores)).toBe('reader@a,b · hr')
    expect(storeAddress('redis', stores)).toBe('cache:6379/2')
    expect(storeAddress('backup', stores)).toBe('archives at Amazon S3, eu-central-1')
  })

  it('names one node of a cluster and counts the others', () => {
    const nodes = [1, 2, 3].map(number => ({ host: `r${number}`, port: 7000 }))
    const cluster = { mode: 'cluster', database: 0, tls: { enabled: true } } as const
    expect(storeAddress('redis', { redis: { ...cluster, nodes } })).toBe('cluster at r1:7000 and 2 further nodes')
    expect(storeAddress('redis', { redis: { ...cluster, nodes: nodes.slice(0, 1) } })).toBe('cluster at r1:7000')
  })

  it('shows the endpoint of a compatible server, and the path of a folder', () => {
    const s3 = { ...stores.backup, endpoint: 'https://s3.example' } as Stores['backup']
    expect(storeAddress('backup', { backup: s3 })).toBe('archives at https://s3.example')
    expect(storeAddress('backup', { backup: { kind: 'folder', path: '/var/backups' } })).toBe('/var/backups')
  })

  it('says nothing of a store that is not there', () => {
    expect(storeAddress('redis', {})).toBeUndefined()
    expect(storeAddress('postgres', {})).toBeUndefined()
  })
})
