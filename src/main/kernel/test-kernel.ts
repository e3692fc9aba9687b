import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import type { Environment } from '#shared/contract/environment.model.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { AppError } from '#shared/errors.ts'
import { EnvironmentId, newId, TenantId } from '#shared/ids.ts'
import type { ServerFrame } from '#shared/wire.ts'
import { jobsHandlers } from '../features/jobs/jobs.handlers.ts'
import { AuditLog } from './audit-log.ts'
import type { AnyHandler, Session } from './context.ts'
import { type ContextSource, Dispatcher } from './dispatch.ts'
import { JobLog } from './job-log.ts'
import { JobManager } from './jobs.ts'
import { Kernel, type KernelConnection } from './kernel.ts'

/** For tests: a whole kernel over a folder of its own, with a handful of handlers instead of the application's. */
export interface TestKernel extends AsyncDisposable {
  kernel: Kernel
  jobs: JobManager
  audit: AuditLog
  /** Holds `jobs/` and `audit/`. */
  folder: string
  /** What was logged, parsed. */
  log: Record<string, unknown>[]
}

export interface TestKernelOptions {
  handlers?: Record<string, (input: never, context: never) => Promise<unknown>>
  environments?: Environment[]
  tenants?: TenantRow[]
}

export async function createTestKernel(options: TestKernelOptions = {}): Promise<TestKernel> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-kernel-'))
  const lines: Record<string, unknown>[] = []
  const log = pino({ level: 'debug' }, { write: (line: string) => lines.push(JSON.parse(line)) })
  const jobs = new JobManager(new JobLog(join(folder, 'jobs')))
  await jobs.recover()
  const audit = new AuditLog(join(folder, 'audit'))
  const handlers = new Map<string, AnyHandler>()
  for (const [verb, handler] of Object.entries(jobsHandlers(jobs))) handlers.set(`jobs.${verb}`, handler as AnyHandler)
  for (const [name, handler] of Object.entries(options.handlers ?? {})) handlers.set(name, handler as AnyHandler)
  const kernel = new Kernel(new Dispatcher({ handlers, contexts: contextSource(options), jobs, audit, log }), log)
  const dispose = async () => {
    await jobs.close()
    await rm(folder, { recursive: true, force: true })
  }
  return { kernel, jobs, audit, folder, log: lines, [Symbol.asyncDispose]: dispose }
}

function contextSource({ environments = [], tenants = [] }: TestKernelOptions): ContextSource {
  const found = <T>(value: T | undefined): T => {
    if (value === undefined) throw new AppError('NOT_FOUND', 'There is none with this id.')
    return value
  }
  return {
    environment: async id => found(environments.find(environment => environment.id === id)),
    tenant: async (_environment, id) => found(tenants.find(tenant => tenant.id === id)),
    handles: () => ({}),
  }
}

export const testSession = (change: Partial<Session> = {}): Session => ({
  id: newId(),
  user: 'asha',
  host: 'cli',
  maximumRole: 'dba',
  ...change,
})

export const testEnvironment = (change: Partial<Environment> = {}): Environment => ({
  id: EnvironmentId.parse(newId()),
  name: 'Demo',
  class: 'development',
  role: 'dba',
  stores: {},
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  secrets: { postgres: 'none', mongo: 'none', redis: 'none', backup: 'none' },
  ...change,
})

export const testTenant = (change: Partial<TenantRow> = {}): TenantRow => ({
  id: TenantId.parse(newId()),
  name: 'Acme Corp',
  slug: 'acme-corp',
  databaseSchema: 'tenant_acme_corp_1f3a9c0e',
  adminEmail: 'admin@acme.example',
  description: null,
  settings: {},
  status: 'active',
  suspendedAt: null,
  suspensionReason: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  updatedAt: '2026-01-01T00:00:00.000Z',
  deletedAt: null,
  ...change,
})

/** The client's end of an in-memory pair: sends texts to a kernel and keeps what comes back. */
export class MemoryClient {
  readonly frames: ServerFrame[] = []
  private readonly connection: KernelConnection
  private waiting: { until: (frame: ServerFrame) => boolean; resolve: (frame: ServerFrame) => void }[] = []

  constructor(kernel: Pick<Kernel, 'connect'>, session: Session = testSession()) {
    this.connection = kernel.connect(session, text => this.take(JSON.parse(text)))
  }

  /** Anything at all, also what is no frame. */
  send(frame: unknown): void {
    this.connection.receive(typeof frame === 'string' ? frame : JSON.stringify(frame))
  }

  /** Resolves with the frame that ends the call. */
  call(op: string, input: unknown = {}, id: string = newId()): Promise<ServerFrame> {
    const end = this.next(frame => frame.id === id && frame.type !== 'event')
    this.send({ type: 'call', id, op, input })
    return end
  }

  /** The first frame, kept or yet to come, that fits. */
  next(until: (frame: ServerFrame) => boolean): Promise<ServerFrame> {
    const known = this.frames.find(until)
    if (known !== undefined) return Promise.resolve(known)
    return new Promise(resolve => this.waiting.push({ until, resolve }))
  }

  close(): void {
    this.connection.close()
  }

  private take(frame: ServerFrame): void {
    this.frames.push(frame)
    const [ready, rest] = [this.waiting.filter(w => w.until(frame)), this.waiting.filter(w => !w.until(frame))]
    this.waiting = rest
    for (const { resolve } of ready) resolve(frame)
  }
}
