import type { z } from 'zod'
import type { HostName } from '#shared/contract/app.ts'
import type { Operation } from '#shared/contract/define.ts'
import type { Environment } from '#shared/contract/environment.model.ts'
import type { Contracts, Noun } from '#shared/contract/index.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import type { Access, Role, Scope } from '#shared/permissions.ts'
import type { ReadDb, WriteDb } from '../connections/postgres/database.ts'
import type { JobControl } from './jobs.ts'

/** Who is asking, through which host. One per window, console page or command. */
export interface Session {
  readonly id: string
  /** Name of the person as the operating system knows it. */
  readonly user: string
  readonly host: HostName
  /** No environment gives this session a stronger role. */
  readonly maximumRole: Role
}

export interface AppContext {
  readonly session: Session
  /** Aborted when the caller cancels, its host goes away, or the job is cancelled. */
  readonly signal: AbortSignal
}

export interface EnvironmentContext extends AppContext {
  readonly environment: Environment
  /** The person's role here: the environment's, limited by the session's. */
  readonly role: Role
}

/** `registry` is bound to the registry's schema, `db` to the tenant's; reads cannot write, by type and in the database. */
export interface FleetContext<A extends Access> extends EnvironmentContext {
  readonly registry: A extends 'read' ? ReadDb<'registry'> : WriteDb
}
export interface TenantContext<A extends Access> extends FleetContext<A> {
  readonly tenant: TenantRow
  readonly db: A extends 'read' ? ReadDb<'tenant'> : WriteDb<'tenant'>
}

type ScopeContext<S extends Scope, A extends Access> = S extends 'tenant'
  ? TenantContext<A>
  : S extends 'fleet'
    ? FleetContext<A>
    : AppContext

type KindContext<O> =
  O extends Operation<infer K, Access, Scope, z.ZodType, z.ZodType, infer E>
    ? K extends 'job'
      ? { readonly job: JobControl }
      : K extends 'stream'
        ? { readonly emit: (event: z.input<E>) => void }
        : unknown
    : never

export type ContextOf<O> = O extends Operation<infer _K, infer A, infer S> ? ScopeContext<S, A> & KindContext<O> : never

export type Handler<O> = O extends Operation
  ? (input: z.output<O['input']>, context: ContextOf<O>) => Promise<z.input<O['output']>>
  : never

/** One handler per operation of a noun; a missing one does not compile. */
export type HandlersOf<N extends Noun> = { readonly [V in keyof Contracts[N]]: Handler<Contracts[N][V]> }
export type AllHandlers = { readonly [N in Noun]: HandlersOf<N> }

/** A handler as dispatch sees it, after the types have done their work. */
export type AnyHandler = (input: unknown, context: unknown) => Promise<unknown>

export function flattenHandlers(handlers: AllHandlers): ReadonlyMap<string, AnyHandler> {
  const flat = new Map<string, AnyHandler>()
  for (const [noun, verbs] of Object.entries(handlers)) {
    for (const [verb, handler] of Object.entries(verbs)) flat.set(`${noun}.${verb}`, handler as AnyHandler)
  }
  return flat
}
