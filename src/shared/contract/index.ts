import type { z } from 'zod'
import { app } from './app.ts'
import { audit } from './audit.ts'
import { backups } from './backups.ts'
import { data } from './data.ts'
import type { Operation } from './define.ts'
import { environments } from './environments.ts'
import { features } from './features.ts'
import { health } from './health.ts'
import { type JobStarted, jobs } from './jobs.ts'
import { migrations } from './migrations.ts'
import { schedules } from './schedules.ts'
import { tenants } from './tenants.ts'

/** Every operation there is, by noun and verb. Hosts, client, commands, documents and tests are derived from this. */
export const contracts = {
  app: app.operations,
  audit: audit.operations,
  backups: backups.operations,
  data: data.operations,
  environments: environments.operations,
  features: features.operations,
  health: health.operations,
  jobs: jobs.operations,
  migrations: migrations.operations,
  schedules: schedules.operations,
  tenants: tenants.operations,
}
export type Contracts = typeof contracts
export type Noun = keyof Contracts

type NamesOf<N extends Noun> = `${N}.${keyof Contracts[N] & string}`
export type OperationName = { [N in Noun]: NamesOf<N> }[Noun]

export type OperationOf<Name extends OperationName> = Name extends `${infer N extends Noun}.${infer V}`
  ? V extends keyof Contracts[N]
    ? Contracts[N][V]
    : never
  : never

type AsOperation<O> = O extends Operation ? O : never
/** What a caller passes: defaults may be left out. */
export type InputOf<Name extends OperationName> = z.input<AsOperation<OperationOf<Name>>['input']>
/** What a call answers; a job answers with its id. */
export type OutputOf<Name extends OperationName> = AsOperation<OperationOf<Name>>['kind'] extends 'job'
  ? JobStarted
  : z.output<AsOperation<OperationOf<Name>>['output']>
/** What a job's result or a stream's end carries. */
export type ResultOf<Name extends OperationName> = z.output<AsOperation<OperationOf<Name>>['output']>
export type EventOf<Name extends OperationName> = z.output<AsOperation<OperationOf<Name>>['event']>

type NamesOfKind<K> = {
  [Name in OperationName]: AsOperation<OperationOf<Name>>['kind'] extends K ? Name : never
}[OperationName]
export type QueryName = NamesOfKind<'query'>
export type MutationName = NamesOfKind<'mutation'>
export type JobName = NamesOfKind<'job'>
export type StreamName = NamesOfKind<'stream'>

/** All operations as a flat map from `noun.verb`. */
export const operations: ReadonlyMap<string, Operation> = new Map(
  Object.entries(contracts).flatMap(([noun, verbs]) =>
    Object.entries(verbs).map(([verb, operation]): [string, Operation] => [`${noun}.${verb}`, operation]),
  ),
)
