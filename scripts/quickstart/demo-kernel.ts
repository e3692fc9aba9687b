import type { ClientBase } from 'pg'
import type { Environment } from '#shared/contract/environment.model.ts'
import { SessionSecrets } from '../../src/main/connections/keychain.ts'
import { toAppError } from '../../src/main/connections/postgres/errors.ts'
import { connectClient } from '../../src/main/connections/postgres/pool.ts'
import { SecretVault } from '../../src/main/connections/secret-vault.ts'
import { hostPaths } from '../../src/main/host-paths.ts'
import { hostSession } from '../../src/main/host-session.ts'
import { LocalClient } from '../../src/main/kernel/local-client.ts'
import { createServices, type Services } from '../../src/main/services.ts'
import { seedDemo } from '../demo/seed.ts'
import { StepError } from '../lib/steps.mjs'
import type { DemoFolder } from './demo-folder.ts'
import { registerDemo } from './environment.ts'
import type { StoreSet } from './other-stores.ts'

/** The console's operations over the demo's own settings, called in this process. */
export class DemoKernel {
  readonly #demo: DemoFolder
  readonly #services: Services
  readonly #client: LocalClient

  private constructor(demo: DemoFolder, services: Services) {
    this.#demo = demo
    this.#services = services
    this.#client = new LocalClient(services.kernel, hostSession('cli'))
  }

  static async open(demo: DemoFolder): Promise<DemoKernel> {
    // Nothing of the demo goes into a person's keychain: its secrets rest in its own folder, readable by its owner only.
    const vault = new SecretVault({ keychain: new SessionSecrets(), session: new SessionSecrets() })
    const paths = hostPaths(import.meta.dirname)
    return new DemoKernel(demo, await createServices({ ...paths, dataDirectory: demo.console, vault }))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#client.close()
    await this.#services.close()
  }

  /** Brings the demo's environment up to the stores that run now. */
  async register(found: StoreSet): Promise<Environment> {
    const { environmentId } = await this.#demo.memory()
    const environment = await registerDemo(this.#client, found, environmentId)
    await this.#demo.remember({ environmentId: environment.id })
    return environment
  }

  /** Fills the database unless it was filled to the end before; undefined when there was nothing to do. */
  async seedOnce(environment: Environment, password: string | undefined, signal: AbortSignal) {
    const { postgres } = environment.stores
    if (postgres === undefined) throw new StepError('The demo has no PostgreSQL.', 'Begin anew with --fresh.')
    const connection = await connectClient(postgres, password).catch((error: unknown) => {
      throw toAppError(error)
    })
    try {
      const database = await identityOf(connection)
      if ((await this.#demo.memory()).seeded === database) return undefined
      const seeded = await seedDemo({ client: this.#client, environmentId: environment.id, connection, signal })
      await this.#demo.remember({ seeded: database })
      return seeded
    } finally {
      await connection.end()
    }
  }
}

/** Tells a database from any other, also from one of the same name in a server made anew. */
async function identityOf(connection: ClientBase): Promise<string> {
  const { rows } = await connection.query<{ identity: string }>(
    `select system_identifier || '/' || oid as identity from pg_control_system(), pg_database where datname = current_database()`,
  )
  return rows[0]?.identity ?? ''
}
