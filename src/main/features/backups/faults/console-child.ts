import { once } from 'node:events'
import { resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { JobName } from '#shared/contract/index.ts'
import { newId } from '#shared/ids.ts'
import { LocalClient } from '../../../kernel/local-client.ts'
import { createServices } from '../../../services.ts'

/** A console process of its own, for tests that kill it: runs the job that its standard input names, and tells of its steps. */
const given = JSON.parse(process.env.TENANTRY_CHILD ?? '{}')
const services = await createServices({
  dataDirectory: given.dataDirectory,
  resourcesDirectory: resolve(import.meta.dirname, '..', '..', '..', '..', '..'),
  version: '0.0.0-test',
})
const client = new LocalClient(services.kernel, { id: newId(), user: 'ravi', host: 'cli', maximumRole: 'dba' })
const { id: environmentId } = await client.call('environments.create', {
  settings: { name: 'Child', class: 'development', role: 'dba', stores: given.stores },
  secrets: given.secrets,
  secretStorage: 'session',
})
const tell = (message: object) => process.stdout.write(`${JSON.stringify(message)}\n`)
tell({ isReady: true })
const [line] = await once(createInterface(process.stdin), 'line')
const { operation, input } = JSON.parse(line)
try {
  const result = await client.runJob(operation as JobName, { environmentId, ...input } as never, {
    onChange: job => tell({ running: job.steps.findLast(step => step.state === 'running')?.name ?? null }),
  })
  tell({ result })
} catch (error) {
  tell({ error: error instanceof Error ? error.message : String(error) })
}
await services.close()
process.exit(0)
