import { z } from 'zod'
import type { EnvironmentId, TenantId } from '../ids.ts'
import type { Access, ConfirmationRule, Role, Scope } from '../permissions.ts'

export const KINDS = ['query', 'mutation', 'job', 'stream'] as const
export type Kind = (typeof KINDS)[number]

/** The typed name a person confirms with, and the reason that production asks for. */
export const Confirmation = z.object({
  typed: z.string().max(200).describe('The name of what is acted on, typed by the person'),
  reason: z.string().trim().max(500).optional().describe('Why this is done; demanded in production'),
})
export type Confirmation = z.infer<typeof Confirmation>

type FleetFields = { environmentId: EnvironmentId }
type TenantFields = FleetFields & { tenantId: TenantId }
type ScopeFields = { app: unknown; fleet: FleetFields; tenant: TenantFields }

/** A destructive operation's input carries a confirmation by type. */
type AccessFields<A extends Access> = A extends 'destructive' ? { confirmation?: Confirmation | undefined } : unknown

interface Declaration<A extends Access, S extends Scope, I extends z.ZodType, O extends z.ZodType> {
  access: A
  scope: S
  /** One plain sentence without a full stop: menu entries, help texts and the operations table are made of it. */
  summary: string
  input: I & (z.output<I> extends ScopeFields[S] & AccessFields<A> ? unknown : never)
  output: O
  /** The least role, where the access level's usual one is not right. */
  role?: Role
  /** When a typed confirmation is asked for; destructive operations always ask. */
  confirm?: ConfirmationRule
  /** Query names (`tenants.*` for a whole group) whose cached answers this makes stale. */
  invalidates?: readonly string[]
}

export interface Operation<
  K extends Kind = Kind,
  A extends Access = Access,
  S extends Scope = Scope,
  I extends z.ZodType = z.ZodType,
  O extends z.ZodType = z.ZodType,
  E extends z.ZodType = z.ZodType,
> {
  readonly kind: K
  readonly access: A
  readonly scope: S
  readonly summary: string
  readonly input: I
  readonly output: O
  /** Stream: what each event carries. */
  readonly event: E
  readonly role: Role | undefined
  readonly confirm: ConfirmationRule
  readonly invalidates: readonly string[]
}

type NoEvent = z.ZodNever

function declare<
  K extends Kind,
  A extends Access,
  S extends Scope,
  I extends z.ZodType,
  O extends z.ZodType,
  E extends z.ZodType,
>(kind: K, declaration: Declaration<A, S, I, O>, event: E): Operation<K, A, S, I, O, E> {
  const { access, scope, summary, input, output, role, invalidates } = declaration
  const confirm = access === 'destructive' ? 'always' : (declaration.confirm ?? 'never')
  return { kind, access, scope, summary, input, output, event, role, confirm, invalidates: invalidates ?? [] }
}

/** Reads and answers at once. */
export const query = <S extends Scope, I extends z.ZodType, O extends z.ZodType>(
  declaration: Declaration<'read', S, I, O>,
): Operation<'query', 'read', S, I, O, NoEvent> => declare('query', declaration, z.never())

/** Changes something and answers at once. */
export const mutation = <A extends Exclude<Access, 'read'>, S extends Scope, I extends z.ZodType, O extends z.ZodType>(
  declaration: Declaration<A, S, I, O>,
): Operation<'mutation', A, S, I, O, NoEvent> => declare('mutation', declaration, z.never())

/** Starts long work and answers with its id; `output` is the job's result. */
export const job = <A extends Access, S extends Scope, I extends z.ZodType, O extends z.ZodType>(
  declaration: Declaration<A, S, I, O>,
): Operation<'job', A, S, I, O, NoEvent> => declare('job', declaration, z.never())

/** Sends events until it ends or the caller cancels. */
export const stream = <S extends Scope, I extends z.ZodType, O extends z.ZodType, E extends z.ZodType>(
  declaration: Declaration<'read', S, I, O> & { event: E },
): Operation<'stream', 'read', S, I, O, E> => declare('stream', declaration, declaration.event)

/** Groups operations under one noun; the noun is the first half of their names. */
export const contract = <N extends string, T extends Record<string, Operation>>(noun: N, operations: T) => ({
  noun,
  operations,
})

/** One page of a keyset-paged list. `nextCursor` is null on the last page. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable().describe('Pass as `cursor` for the next page') })

export const Cursor = z.string().max(2_000).describe('Where to go on: `nextCursor` of the page before')
