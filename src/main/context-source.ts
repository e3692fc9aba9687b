import type { Operation } from '#shared/contract/define.ts'
import type { Environment } from '#shared/contract/environment.model.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { AppError } from '#shared/errors.ts'
import type { EnvironmentId, TenantId } from '#shared/ids.ts'
import type { Connections } from './connections/connections.ts'
import { openReadDb, openWriteDb, type Space } from './connections/postgres/database.ts'
import type { PostgresPool } from './connections/postgres/pool.ts'
import type { EnvironmentService } from './features/environments/environment.service.ts'
import { requireRegistry } from './features/migrations/migration.service.ts'
import { findTenant } from './features/tenants/tenant.repository.ts'
import type { ContextSource, Target } from './kernel/dispatch.ts'

type Postgres = (environment: Environment) => Promise<PostgresPool>

/** Binds operations to the stores of the environment and tenant they name. Handles connect when they are first used. */
export class StoreContexts implements ContextSource {
  private readonly environments: Pick<EnvironmentService, 'find'>
  private readonly postgres: Postgres

  constructor(environments: Pick<EnvironmentService, 'find'>, connections: Pick<Connections, 'postgres'>) {
    this.environments = environments
    this.postgres = environment => connections.postgres(environment)
  }

  async environment(id: EnvironmentId): Promise<Environment> {
    return await this.environments.find(id)
  }

  async tenant(environment: Environment, id: TenantId, signal: AbortSignal): Promise<TenantRow> {
    const db = openReadDb({ ...this.bind(environment), space: 'registry', signal })
    const tenant = await db.read(async tx => {
      await requireRegistry(tx)
      return await findTenant(tx, id)
    })
    if (tenant !== undefined) return tenant
    throw new AppError('NOT_FOUND', 'This tenant does not exist (any more).', { hint: 'Look at the list of tenants.' })
  }

  handles(operation: Operation, { environment, tenant }: Target, signal: AbortSignal): object {
    if (environment === undefined || operation.scope === 'app') return {}
    const open = <S extends Space>(space: S, schema?: string) => {
      const binding = { ...this.bind(environment), ...(schema === undefined ? {} : { schema }), space, signal }
      return operation.access === 'read' ? openReadDb(binding) : openWriteDb(binding)
    }
    const registry = open('registry')
    return tenant === undefined ? { registry } : { registry, db: open('tenant', tenant.databaseSchema) }
  }

  private bind(environment: Environment) {
    const schema = environment.stores.postgres?.registrySchema ?? 'public'
    return { pool: () => this.postgres(environment), schema }
  }
}
