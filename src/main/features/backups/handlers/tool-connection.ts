import type { Environment } from '#shared/contract/environment.model.ts'
import { AppError } from '#shared/errors.ts'
import type { SecretReader } from '../../../connections/secret-vault.ts'
import type { ToolConnection } from '../full/tool-environment.ts'

/** What PostgreSQL's own tools connect with. */
export async function toolConnection(environment: Environment, secrets: SecretReader): Promise<ToolConnection> {
  const settings = environment.stores.postgres
  if (settings === undefined) {
    throw new AppError('UNSUPPORTED', `The environment ${environment.name} has no settings for PostgreSQL.`, {
      hint: 'Edit the environment and add PostgreSQL.',
    })
  }
  return { settings, password: await secrets.read(environment, 'postgres') }
}
