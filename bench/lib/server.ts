import { startServices } from '../../scripts/services/index.ts'
import { note } from './figure.ts'

/**
 * A real PostgreSQL 15 for the whole run: the one at TENANTRY_TEST_PG15_URL, else one of its own. Both sides of every comparison
 * use it, so its settings are the same for both.
 */
export async function startServer(): Promise<AsyncDisposable> {
  const services = await startServices(['postgres15'], { log: note })
  Object.assign(process.env, services.env)
  return { [Symbol.asyncDispose]: () => services.stop() }
}
