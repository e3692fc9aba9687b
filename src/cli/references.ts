import type { Environment } from '#shared/contract/environment.model.ts'
import { AppError, invalidInput } from '#shared/errors.ts'
import type { LocalClient } from '../main/kernel/local-client.ts'
import { hasField, isOptionalField } from './flags.ts'
import type { Input } from './input.ts'
import type { Invocation } from './program.ts'
import type { Terminal } from './terminal.ts'

/** Names that people use, turned into the ids that operations take. */

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
/** The most that one page of `tenants.list` holds. */
const PAGE = 200

type Caller = Pick<LocalClient, 'call'>

/** Fills in the environment and the tenant that the person named. */
export async function addReferences(
  input: Input,
  invocation: Invocation,
  { client, terminal }: { client: Caller; terminal: Pick<Terminal, 'variables'> },
): Promise<void> {
  const { operation, values, slug } = invocation
  if (!hasField(operation.input, 'environmentId')) return
  const named = text(values.environment)
  // Where an environment may be left out, its absence says something: no default stands in for it.
  if (named === undefined && isOptionalField(operation.input, 'environmentId')) return
  const environment = await findEnvironment(client, named ?? text(terminal.variables.TENANTRY_ENVIRONMENT))
  input.environmentId = environment.id
  if (!hasField(operation.input, 'tenantId')) return
  const tenant = slug ?? text(values.tenant)
  if (tenant !== undefined) input.tenantId = await findTenant(client, environment.id, tenant)
  else if (!isOptionalField(operation.input, 'tenantId')) throw invalidInput({ tenantId: 'This is required.' })
}

const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined)

/** By id, by name, or the only one there is. */
export async function findEnvironment(client: Caller, name: string | undefined): Promise<Environment> {
  const environments = await client.call('environments.list', {})
  const [only] = environments
  if (only === undefined) {
    throw new AppError('NOT_FOUND', 'There is no environment yet.', {
      hint: 'Make one with: tenantry environments import --from-file .env --name … --class … --role … --secret-storage …',
    })
  }
  if (name === undefined) {
    if (environments.length === 1) return only
    throw invalidInput({ environmentId: `Which one? ${names(environments)}` })
  }
  const found =
    environments.find(environment => environment.id === name || environment.name === name) ??
    environments.find(environment => environment.name.toLowerCase() === name.toLowerCase())
  if (found !== undefined) return found
  throw new AppError('NOT_FOUND', `There is no environment ${name}.`, { hint: `There are: ${names(environments)}` })
}

const names = (environments: readonly Environment[]): string =>
  environments.map(environment => environment.name).join(', ')

/** By id or by its exact slug; resolves to the id. */
export async function findTenant(client: Caller, environmentId: Environment['id'], slug: string): Promise<string> {
  if (UUID.test(slug)) return slug
  let cursor: string | undefined
  do {
    const filter = { environmentId, search: slug, limit: PAGE, ...(cursor === undefined ? {} : { cursor }) }
    const page = await client.call('tenants.list', filter)
    const found = page.items.find(tenant => tenant.slug === slug)
    if (found !== undefined) return found.id
    cursor = page.nextCursor ?? undefined
  } while (cursor !== undefined)
  throw new AppError('NOT_FOUND', `There is no tenant ${slug}.`, { hint: 'List them with: tenantry tenants list' })
}
