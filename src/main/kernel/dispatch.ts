import type { Logger } from 'pino'
import { z } from 'zod'
import type { Operation } from '#shared/contract/define.ts'
import type { Environment } from '#shared/contract/environment.model.ts'
import { operations } from '#shared/contract/index.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { AppError, invalidInput, isAppError } from '#shared/errors.ts'
import { type EnvironmentId, newId, type TenantId } from '#shared/ids.ts'
import type { Json } from '#shared/json.ts'
import { hasRole, leastRole, needsConfirmation, type Role, weakerRole } from '#shared/permissions.ts'
import type { AuditLog } from './audit-log.ts'
import type { AnyHandler, Session } from './context.ts'
import type { JobManager } from './jobs.ts'
import { redact } from './redact.ts'

/** Gives handlers the stores they are bound to. Implemented by the composition root. */
export interface ContextSource {
  /** Settings only; connects to nothing. Rejects with NOT_FOUND. */
  environment(id: EnvironmentId): Promise<Environment>
  /** Rejects with NOT_FOUND, or with what the registry's connection says. */
  tenant(environment: Environment, id: TenantId, signal: AbortSignal): Promise<TenantRow>
  /** Handles that fit the operation's scope and access; nothing connects before a handle is used. */
  handles(operation: Operation, target: Target, signal: AbortSignal): object
}

export interface Target {
  environment: Environment | undefined
  tenant: TenantRow | undefined
}

export interface Request {
  name: string
  input: unknown
  session: Session
  signal: AbortSignal
  emit: (event: Json) => void
}

export interface DispatcherDependencies {
  handlers: ReadonlyMap<string, AnyHandler>
  contexts: ContextSource
  jobs: JobManager
  audit: AuditLog
  log: Logger
}

/** One call on its way: found and parsed; authorisation fills in what it is aimed at and the person's role there. */
interface Call extends Target {
  readonly request: Request
  readonly operation: Operation
  readonly handler: AnyHandler
  readonly input: unknown
  readonly started: number
  role: Role
}

interface TargetFields {
  environmentId?: EnvironmentId
  tenantId?: TenantId
  confirmation?: { typed: string; reason?: string | undefined }
}

/** find → parse → access → open context → confirm → run → audit → map errors. */
export class Dispatcher {
  private readonly deps: DispatcherDependencies

  constructor(dependencies: DispatcherDependencies) {
    this.deps = dependencies
  }

  async dispatch(request: Request): Promise<Json> {
    const call = this.prepare(request)
    try {
      await this.authorize(call)
      if (call.operation.kind === 'job') return await this.startJob(call)
      const value = await this.run(call, request.signal, { emit: emitter(call) })
      await this.audit(call, 'ok')
      return value
    } catch (error) {
      const failure = this.mapError(error, request)
      await this.auditFailure(call, failure)
      throw failure
    }
  }

  private prepare(request: Request): Call {
    const { operation, handler } = this.find(request.name)
    const input = parseInput(operation, request.input)
    const role = request.session.maximumRole
    return {
      request,
      operation,
      handler,
      input,
      role,
      started: performance.now(),
      environment: undefined,
      tenant: undefined,
    }
  }

  private find(name: string): { operation: Operation; handler: AnyHandler } {
    const operation = operations.get(name)
    const handler = this.deps.handlers.get(name)
    if (operation === undefined || handler === undefined) {
      throw new AppError('NOT_FOUND', 'There is no such operation.', { details: { operation: name.slice(0, 100) } })
    }
    return { operation, handler }
  }

  private async authorize(call: Call): Promise<void> {
    const { operation, request } = call
    const fields = call.input as TargetFields
    requireRole(operation, call.role)
    const needsEnvironment = operation.scope !== 'app' || operation.confirm !== 'never'
    if (!needsEnvironment || fields.environmentId === undefined) return
    call.environment = await this.deps.contexts.environment(fields.environmentId)
    if (operation.scope !== 'app') {
      call.role = weakerRole(call.role, call.environment.role)
      requireRole(operation, call.role)
    }
    if (operation.scope === 'tenant' && fields.tenantId !== undefined) {
      call.tenant = await this.deps.contexts.tenant(call.environment, fields.tenantId, request.signal)
    }
    requireConfirmation(operation, fields, call)
  }

  private async run(call: Call, signal: AbortSignal, extra: object): Promise<Json> {
    const { operation, environment, tenant, role, request } = call
    // What was cancelled while it waited for its turn is not begun.
    signal.throwIfAborted()
    const handles = this.deps.contexts.handles(operation, call, signal)
    const context = { session: request.session, signal, role, environment, tenant, ...handles, ...extra }
    return toJson(operation.output, await call.handler(call.input, context))
  }

  private async startJob(call: Call): Promise<Json> {
    const { operation, request, environment, tenant } = call
    const subject = tenant?.name ?? subjectOf(call.input) ?? environment?.name
    const job = this.deps.jobs.start({
      operation: request.name,
      title: subject === undefined ? operation.summary : `${operation.summary} · ${subject}`,
      who: request.session.user,
      environmentId: environment?.id ?? null,
      tenantId: tenant?.id ?? null,
      run: async (control, signal) => {
        try {
          const result = await this.run(call, signal, { job: control })
          await this.audit(call, 'ok')
          return result
        } catch (error) {
          const failure = this.mapError(error, { ...request, signal })
          await this.auditFailure(call, failure)
          throw failure
        }
      },
    })
    await this.audit(call, 'started')
    return { jobId: job.id }
  }

  /** The failure itself matters more than a log that could not take it. */
  private async auditFailure(call: Call, failure: AppError): Promise<void> {
    await this.audit(call, failure).catch(cause => this.deps.log.error({ err: cause }, 'audit entry not written'))
  }

  /** Everything but successful reads is written down; refused reads are. */
  private async audit(call: Call, outcome: 'ok' | 'started' | AppError): Promise<void> {
    const { request, operation, environment, tenant } = call
    const failure = outcome instanceof AppError ? outcome : undefined
    if (operation.access === 'read' && failure?.code !== 'PERMISSION_DENIED') return
    await this.deps.audit.append({
      id: newId(),
      at: new Date().toISOString(),
      who: request.session.user,
      host: request.session.host,
      operation: request.name,
      environmentId: environment?.id ?? null,
      environmentName: environment?.name ?? null,
      tenantId: tenant?.id ?? null,
      tenantSlug: tenant?.slug ?? null,
      input: redact(call.input, operation.input),
      outcome: failure?.code ?? String(outcome),
      durationMs: Math.round(performance.now() - call.started),
      errorId: failure?.id ?? null,
    })
  }

  private mapError(error: unknown, request: { name: string; signal: AbortSignal }): AppError {
    if (request.signal.aborted && !(isAppError(error) && error.code === 'CANCELLED')) {
      return new AppError('CANCELLED', 'The operation was cancelled.', { cause: error })
    }
    const isKnown = isAppError(error)
    const failure = isKnown
      ? error
      : new AppError('INTERNAL', 'Something went wrong inside Tenantry.', {
          hint: 'The log holds the details under the id of this error.',
          cause: error,
        })
    if (failure.cause !== undefined) {
      const entry = { err: failure.cause, errorId: failure.id, code: failure.code, operation: request.name }
      if (failure.code === 'INTERNAL') this.deps.log.error(entry, 'operation failed')
      else this.deps.log.warn(entry, 'operation failed')
    }
    return failure
  }
}

const emitter =
  (call: Call) =>
  (event: unknown): void =>
    call.request.emit(toJson(call.operation.event, event))

function parseInput(operation: Operation, input: unknown): unknown {
  const parsed = operation.input.safeParse(input ?? {})
  if (parsed.success) return parsed.data
  const fields: Record<string, string> = {}
  for (const issue of parsed.error.issues) fields[issue.path.map(String).join('.')] ??= issue.message
  throw invalidInput(fields)
}

/** Parses what a handler answered (fields the contract does not name are dropped) into plain JSON. */
function toJson(schema: z.ZodType, value: unknown): Json {
  const parsed = schema.safeParse(value)
  if (!parsed.success) {
    throw new AppError('INTERNAL', 'An answer did not have the promised form.', {
      cause: z.prettifyError(parsed.error),
    })
  }
  return parsed.data as Json
}

function requireRole(operation: Operation, role: Role): void {
  const least = leastRole(operation)
  if (hasRole(role, least)) return
  throw new AppError('PERMISSION_DENIED', `This needs the role ${least}; yours here is ${role}.`, {
    hint: 'Ask someone with that role, or have the role of this environment changed.',
    details: { needed: least, role },
  })
}

function requireConfirmation(operation: Operation, fields: TargetFields, target: Target): void {
  const { environment, tenant } = target
  if (!needsConfirmation(operation.confirm, environment?.class)) return
  const expected = tenant?.slug ?? environment?.name ?? ''
  const isProduction = environment?.class === 'production'
  const { typed, reason } = fields.confirmation ?? { typed: undefined, reason: undefined }
  const details = { expected, needsReason: isProduction }
  if (typed !== expected) {
    const what = tenant === undefined ? 'the name of the environment' : 'the slug of the tenant'
    throw new AppError('CONFIRMATION_REQUIRED', `Type ${what} to confirm: ${expected}`, { details })
  }
  if (isProduction && (reason ?? '') === '') {
    throw new AppError('CONFIRMATION_REQUIRED', 'In production a reason is needed.', { details })
  }
}

/** What a creating operation acts on, for the job's title. */
function subjectOf(input: unknown): string | undefined {
  const name: unknown = typeof input === 'object' && input !== null ? Reflect.get(input, 'name') : undefined
  return typeof name === 'string' ? name : undefined
}
