import { describe, expect, test } from 'vitest'
import { AppError } from '#shared/errors.ts'
import type { JobControl } from '../main/kernel/jobs.ts'
import { testEnvironment, testTenant } from '../main/kernel/test-kernel.ts'
import { createTestCli, demo } from './test-cli.ts'

const acme = testTenant()

describe('jobs', () => {
  const report = { tenant: acme, adminEmail: acme.adminEmail, steps: [{ name: 'Create schema', durationMs: 3 }] }
  const line = ['create-tenant', '--name', 'Acme', '--slug', 'acme-corp', '--admin-email', 'a@acme.example']

  const create = async (_input: never, { job }: { job: JobControl }) => {
    await job.step('Create schema', async () => undefined)
    job.log('17 tables')
    job.progress({ done: 1, total: 2, unit: 'steps' })
    return { ...report, passwordTicket: job.oneTimeSecret('s3cret-once') }
  }

  test('steps are told on standard error, the result with the one-time password on standard output', async () => {
    await using cli = await createTestCli({ handlers: { 'tenants.create': create } })
    const outcome = await cli.run(line)
    expect(outcome.code).toBe(0)
    expect(outcome.notes).toMatch(/^✓ Create schema \(\d+ ms\)$/m)
    expect(outcome.notes).toMatch(/^ {2}17 tables$/m)
    expect(outcome.out).toMatch(/One-time password +s3cret-once\n/)
    expect(outcome.notes).not.toContain('s3cret')
    const json = JSON.parse((await cli.run([...line, '--json'])).out)
    expect(json).toMatchObject({ oneTimePassword: 's3cret-once', tenant: { slug: 'acme-corp' } })
    expect(json).not.toHaveProperty('passwordTicket')
  })

  test('a failed step is marked and the job’s error is the command’s', async () => {
    const fail = async (_input: never, { job }: { job: JobControl }) =>
      await job.step('Create schema', async () => {
        throw new AppError('CONFLICT', 'The slug is taken.')
      })
    await using cli = await createTestCli({ handlers: { 'tenants.create': fail } })
    const outcome = await cli.run(line)
    expect(outcome).toMatchObject({ code: 1, out: '' })
    expect(outcome.notes).toMatch(/✗ Create schema \(\d+ ms\)\nThe slug is taken\. \(CONFLICT\)\n/)
  })

  test('Ctrl-C cancels the job, waits for its end and exits with 130', async () => {
    const ended: string[] = []
    const hang = async (_input: never, { job, signal }: { job: JobControl; signal: AbortSignal }) =>
      await job.step('Create schema', async () => {
        const { promise, reject } = Promise.withResolvers<never>()
        signal.addEventListener('abort', () => reject(signal.reason))
        job.log('working')
        await promise.finally(() => ended.push('rolled back'))
      })
    await using cli = await createTestCli({ handlers: { 'tenants.create': hang } })
    const abort = new AbortController()
    const onNote = (text: string) => {
      if (text.includes('working')) abort.abort()
    }
    const outcome = await cli.run(line, { signal: abort.signal, onNote })
    expect([outcome.code, outcome.out, ended]).toEqual([130, '', ['rolled back']])
    expect(cli.backend.jobs.list(1)).toMatchObject([{ state: 'cancelled' }])
  })

  test('Ctrl-C cancels a query', async () => {
    const abort = new AbortController()
    const hang = async (_input: never, { signal }: { signal: AbortSignal }) => {
      queueMicrotask(() => abort.abort())
      await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)))
    }
    await using cli = await createTestCli({ handlers: { 'environments.list': hang } })
    expect(await cli.run('environments list', { signal: abort.signal })).toMatchObject({ code: 130, out: '' })
  })
})

describe('confirmation', () => {
  const plan = {
    slug: acme.slug,
    databaseSchema: acme.databaseSchema,
    tables: 19,
    rowsEstimate: '12345',
    sizeBytes: '2097152',
    employees: 145,
    latestBackupAt: null,
    latestBackupKey: null,
    backupIsRecent: false,
    backupProblem: null,
  }
  const production = testEnvironment({ class: 'production' })
  const setUp = async (environments = [demo]) => {
    const inputs: unknown[] = []
    const remove = async (input: unknown) => {
      inputs.push(input)
      return { slug: acme.slug, schemaDropped: true, tables: 19, rowsEstimate: '12345' }
    }
    const handlers = { 'tenants.delete': remove, 'tenants.deletionPlan': async () => plan }
    return { inputs, cli: await createTestCli({ handlers, environments, tenants: [acme] }) }
  }
  const line = `tenants delete --tenant ${acme.id}`

  test('without a person to ask, nothing is deleted and the flag is named', async () => {
    const { cli, inputs } = await setUp()
    const outcome = await cli.run(line)
    expect(outcome).toMatchObject({ code: 2, out: '', notes: expect.stringContaining('--confirm acme-corp') })
    expect(inputs).toEqual([])
    await cli[Symbol.asyncDispose]()
  })

  test('a flag confirms; a wrong one does not', async () => {
    const { cli, inputs } = await setUp([production])
    expect((await cli.run(`${line} --confirm acme`, { answers: ['acme-corp'] })).code).toBe(2)
    expect((await cli.run(`${line} --confirm acme-corp`)).notes).toContain('--reason')
    expect(inputs).toEqual([])
    const reason = ['--confirm', 'acme-corp', '--reason', 'left us', '--without-backup']
    expect((await cli.run([...line.split(' '), ...reason])).code).toBe(0)
    expect(inputs).toMatchObject([
      { confirmation: { typed: 'acme-corp', reason: 'left us' }, withoutBackup: true, tenantId: acme.id },
    ])
    await cli[Symbol.asyncDispose]()
  })

  test('a person sees what is lost and types the name, in production also the reason', async () => {
    const { cli, inputs } = await setUp([production])
    const outcome = await cli.run(line, { answers: ['acme-corp', 'left us'] })
    expect(outcome.code).toBe(0)
    expect(outcome.notes).toContain(
      'This deletes acme-corp for good: 19 tables, about 12345 rows, 145 employees, 2.0 MiB. There is no backup.',
    )
    expect(inputs).toMatchObject([{ confirmation: { typed: 'acme-corp', reason: 'left us' } }])
    expect((await cli.run(line, { answers: ['acme', 'left us'] })).code).toBe(2)
    expect(inputs).toHaveLength(1)
    await cli[Symbol.asyncDispose]()
  })
})
