import type { Logger } from 'pino'
import type { Environment, StoreName } from '#shared/contract/environment.model.ts'
import { STORES } from '#shared/contract/environment.model.ts'
import type { StoreHealth } from '#shared/contract/health.ts'
import { AppError, isAppError } from '#shared/errors.ts'
import type { Connections } from '../../connections/connections.ts'
import { within } from '../../connections/deadline.ts'
import { STORE_TITLES } from '../../connections/secret-vault.ts'
import { checkBackup, checkMongo, checkPostgres, checkRedis, type Findings } from './store-checks.ts'

/** Milliseconds each store has for itself; a dead one does not hold the others. */
const LIMIT_MS = 10_000

type Lender = Pick<Connections, StoreName>

/** How the stores of an environment are doing. */
export class HealthService {
  private readonly connections: Lender

  private readonly log: Pick<Logger, 'warn'> | undefined

  constructor(connections: Lender, log?: Pick<Logger, 'warn'>) {
    this.connections = connections
    this.log = log
  }

  /** Checks all stores side by side; a store that fails is part of the answer. */
  async check(environment: Environment, signal: AbortSignal): Promise<{ checkedAt: string; stores: StoreHealth[] }> {
    const stores = await Promise.all(STORES.map(store => this.checkStore(store, environment, signal)))
    return { checkedAt: new Date().toISOString(), stores }
  }

  private async checkStore(store: StoreName, environment: Environment, signal: AbortSignal): Promise<StoreHealth> {
    if (environment.stores[store] === undefined) {
      return { store, state: 'absent', latencyMs: null, figures: [], error: null }
    }
    const limit = {
      signal,
      milliseconds: LIMIT_MS,
      message: `${STORE_TITLES[store]} did not answer within ${LIMIT_MS / 1_000} s.`,
    }
    try {
      const findings = await within(limit, own => this.findings(store, environment, own))
      return { store, ...findings, error: null }
    } catch (error) {
      const failure = isAppError(error)
        ? error
        : new AppError('INTERNAL', 'The check itself failed.', { hint: 'The log holds the details.', cause: error })
      this.log?.warn({ err: failure.cause, errorId: failure.id, code: failure.code, store }, 'health check failed')
      return { store, state: 'failed', latencyMs: null, figures: [], error: failure.toData() }
    }
  }

  private async findings(store: StoreName, environment: Environment, signal: AbortSignal): Promise<Findings> {
    switch (store) {
      case 'postgres':
        return await checkPostgres(await this.connections.postgres(environment), signal)
      case 'mongo':
        return await checkMongo(await this.connections.mongo(environment), signal)
      case 'redis':
        return await checkRedis(await this.connections.redis(environment), signal)
      case 'backup':
        return await checkBackup(await this.connections.backup(environment), signal)
    }
  }
}
