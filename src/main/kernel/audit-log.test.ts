import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { AuditEntry } from '#shared/contract/audit.ts'
import { AppError } from '#shared/errors.ts'
import { EnvironmentId, newId, TenantId } from '#shared/ids.ts'
import { AuditLog } from './audit-log.ts'
import { createTestKernel, MemoryClient, testEnvironment, testTenant } from './test-kernel.ts'

let folder: string
let log: AuditLog
beforeEach(async () => {
  folder = join(await mkdtemp(join(tmpdir(), 'tenantry-audit-')), 'audit')
  log = new AuditLog(folder)
})
afterEach(() => rm(join(folder, '..'), { recursive: true }))

const entry = (change: Partial<AuditEntry> = {}): AuditEntry => ({
  id: newId(),
  at: '2026-03-05T10:00:00.000Z',
  who: 'asha',
  host: 'cli',
  operation: 'tenants.suspend',
  environmentId: null,
  environmentName: null,
  tenantId: null,
  tenantSlug: null,
  input: {},
  outcome: 'ok',
  durationMs: 3,
  errorId: null,
  ...change,
})

test('entries come back the latest first, across months', async () => {
  const days = ['2026-01-31T23:59:59.000Z', '2026-02-01T00:00:00.000Z', '2026-03-01T00:00:00.000Z']
  for (const at of days) await log.append(entry({ at }))
  expect((await readdir(folder)).sort()).toEqual(['2026-01.jsonl', '2026-02.jsonl', '2026-03.jsonl'])
  const { items, nextCursor } = await log.list({ limit: 10 })
  expect(items.map(item => item.at)).toEqual([...days].reverse())
  expect(nextCursor).toBeNull()
})

test('only the person may read the files', async () => {
  await log.append(entry())
  expect((await stat(folder)).mode & 0o777).toBe(0o700)
  expect((await stat(join(folder, '2026-03.jsonl'))).mode & 0o777).toBe(0o600)
})

test('many at once each take a line of their own, in their order', async () => {
  const entries = Array.from({ length: 100 }, () => entry())
  await Promise.all(entries.map(one => log.append(one)))
  const { items } = await log.list({ limit: 500 })
  expect(items.map(item => item.id)).toEqual(entries.map(one => one.id).reverse())
})

test('pages meet without gap or overlap, also with a filter', async () => {
  const environmentId = EnvironmentId.parse(newId())
  const tenantId = TenantId.parse(newId())
  for (let index = 0; index < 23; index += 1) {
    await log.append(entry(index % 2 === 0 ? { environmentId, tenantId, who: String(index) } : {}))
  }
  const seen: string[] = []
  let cursor: string | undefined
  do {
    const page = await log.list({ environmentId, tenantId, limit: 5, ...(cursor === undefined ? {} : { cursor }) })
    expect(page.items.length).toBeLessThanOrEqual(5)
    seen.push(...page.items.map(item => item.who))
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  expect(seen).toEqual(['22', '20', '18', '16', '14', '12', '10', '8', '6', '4', '2', '0'])
  expect((await log.list({ tenantId: newId(), limit: 5 })).items).toEqual([])
})

test('a line that was cut or is none of ours is passed over', async () => {
  await log.append(entry({ who: 'before' }))
  await appendFile(join(folder, '2026-03.jsonl'), '{"id":"half\n{"id":1}\n\n')
  await writeFile(join(folder, 'notes.txt'), 'not ours')
  await log.append(entry({ who: 'after' }))
  expect((await log.list({ limit: 10 })).items.map(item => item.who)).toEqual(['after', 'before'])
})

test('an entry that cannot be written is an error, and the next one is tried again', async () => {
  const blocked = join(folder, '..', 'blocked')
  await writeFile(blocked, 'a file where the folder should be')
  const log = new AuditLog(blocked)
  await expect(log.append(entry())).rejects.toThrow()
  await rm(blocked)
  await log.append(entry())
  expect((await log.list({ limit: 10 })).items).toHaveLength(1)
})

describe('through the kernel', () => {
  const environment = testEnvironment({ name: 'Payroll system' })
  const tenant = testTenant()
  const input = { environmentId: environment.id, tenantId: tenant.id }

  test('changes are written down with who, where, what and how it ended; reads are not', async () => {
    const update = async ({ name }: { name?: string }) => {
      if (name === 'Taken') throw new AppError('CONFLICT', 'Taken.')
      return tenant
    }
    const handlers = { 'tenants.update': update, 'environments.list': async () => [] }
    await using backend = await createTestKernel({ handlers, environments: [environment], tenants: [tenant] })
    const client = new MemoryClient(backend.kernel)
    await client.call('environments.list')
    await client.call('tenants.update', { ...input, name: 'Acme Ltd' })
    const refused = await client.call('tenants.update', { ...input, name: 'Taken' })
    const { items } = await backend.audit.list({ limit: 10 })
    expect(items).toMatchObject([
      { outcome: 'CONFLICT', errorId: refused.type === 'error' ? refused.error.id : null },
      {
        who: 'asha',
        host: 'cli',
        operation: 'tenants.update',
        environmentId: environment.id,
        environmentName: 'Payroll system',
        tenantId: tenant.id,
        tenantSlug: tenant.slug,
        input: { name: 'Acme Ltd' },
        outcome: 'ok',
        errorId: null,
      },
    ])
  })

  test('secrets are not in the file', async () => {
    await using backend = await createTestKernel({
      handlers: { 'jobs.claimSecret': async () => ({ value: 'hunter2' }) },
    })
    await new MemoryClient(backend.kernel).call('jobs.claimSecret', { ticket: 'hunter2-ticket' })
    const [file] = await readdir(join(backend.folder, 'audit'))
    const text = await readFile(join(backend.folder, 'audit', file ?? ''), 'utf8')
    expect(text).toContain('jobs.claimSecret')
    expect(text).not.toContain('hunter2')
  })

  test('a success that cannot be written down is reported; a failure keeps its own error', async () => {
    const update = async ({ name }: { name?: string }) => {
      if (name === 'Taken') throw new AppError('CONFLICT', 'Taken.')
      return tenant
    }
    const options = { handlers: { 'tenants.update': update }, environments: [environment], tenants: [tenant] }
    await using backend = await createTestKernel(options)
    await writeFile(join(backend.folder, 'audit'), 'a file where the folder should be')
    const client = new MemoryClient(backend.kernel)
    expect(await client.call('tenants.update', input)).toMatchObject({ error: { code: 'INTERNAL' } })
    expect(await client.call('tenants.update', { ...input, name: 'Taken' })).toMatchObject({
      error: { code: 'CONFLICT' },
    })
    expect(backend.log.some(line => line.msg === 'audit entry not written')).toBe(true)
  })
})
