import type { Operation } from '#shared/contract/define.ts'
import { type OperationName, operations } from '#shared/contract/index.ts'
import { kebab } from './flags.ts'

/** One command of the program: an operation under a name. */
export interface CommandSpec {
  /** `['tenants', 'list']`, or one word. */
  words: readonly string[]
  operation: OperationName
  /** The tenant is the argument after the command instead of a flag. */
  takesSlug?: boolean
  /** Selects a printer of its own; the operation's when absent. */
  view?: string
  /** Follows the pages of a list to its end. */
  allPages?: boolean
}

/**
 * Jobs live in the process that started them: another process can neither follow nor cancel them, and their one-time secrets
 * are in that process's memory. A command follows, cancels and claims for its own job by itself.
 */
const NOT_COMMANDS: ReadonlySet<string> = new Set(['jobs.watch', 'jobs.cancel', 'jobs.claimSecret'])

/** Names that scripts already use. */
const ALIASES: readonly CommandSpec[] = [
  { words: ['create-tenant'], operation: 'tenants.create' },
  { words: ['list-tenants'], operation: 'tenants.list', allPages: true },
  { words: ['check-tenant'], operation: 'tenants.get', takesSlug: true, view: 'check-tenant' },
  { words: ['db', 'create'], operation: 'migrations.migrateRegistry' },
  { words: ['migrate', 'status'], operation: 'migrations.status' },
  { words: ['backup', 'full'], operation: 'backups.createFull' },
  { words: ['backup', 'all'], operation: 'backups.createAll' },
  { words: ['backup', 'schema'], operation: 'backups.create', takesSlug: true },
  { words: ['backup', 'list'], operation: 'backups.list', takesSlug: true, allPages: true },
  { words: ['backup', 'validate'], operation: 'backups.verify', takesSlug: true },
  { words: ['backup', 'cleanup'], operation: 'backups.cleanup' },
]

export function commandSpecs(): CommandSpec[] {
  const derived = [...operations.keys()]
    .filter(name => !NOT_COMMANDS.has(name))
    .map((name): CommandSpec => ({ words: name.split('.').map(kebab), operation: name as OperationName }))
  return [...derived, ...ALIASES]
}

export function operationOf(spec: CommandSpec): Operation {
  const operation = operations.get(spec.operation)
  if (operation === undefined) throw new Error(`The contract has no operation ${spec.operation}`)
  return operation
}
