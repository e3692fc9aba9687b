import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { newId } from '#shared/ids.ts'
import { LocalClient } from '../kernel/local-client.ts'
import { createServices } from '../services.ts'

/** A console process of its own that starts to build the tenant `killed`, for the test that kills it meanwhile. */
const { password, ...postgres } = JSON.parse(process.env.TENANTRY_CHILD ?? '{}')
const services = await createServices({
  dataDirectory: await mkdtemp(join(tmpdir(), 'tenantry-child-')),
  resourcesDirectory: resolve(import.meta.dirname, '..', '..', '..'),
  version: '0.0.0-test',
})
const client = new LocalClient(services.kernel, { id: newId(), user: 'asha', host: 'cli', maximumRole: 'dba' })
const environment = await client.call('environments.create', {
  settings: { name: 'Child', class: 'development', role: 'dba', stores: { postgres } },
  secrets: { postgres: password },
  secretStorage: 'session',
})
const input = { environmentId: environment.id, name: 'Killed', slug: 'killed', adminEmail: 'admin@killed.example' }
await client.runJob('tenants.create', input)
