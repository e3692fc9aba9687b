import { SessionSecrets } from '../main/connections/keychain.ts'

/**
 * A command ends before its session-only secrets could be used again, so on machines without a keychain (jump hosts,
 * pipelines) they come from `TENANTRY_SECRET_POSTGRES`, `_MONGO`, `_REDIS` and `_BACKUP`. One command concerns one
 * environment; a variable wins over what the keychain holds for it.
 */
export class VariableSecrets extends SessionSecrets {
  private readonly variables: Readonly<Record<string, string | undefined>>

  constructor(variables: Readonly<Record<string, string | undefined>>) {
    super()
    this.variables = variables
  }

  override async get(account: string): Promise<string | undefined> {
    const store = account.slice(account.lastIndexOf('/') + 1)
    return (await super.get(account)) ?? this.variables[`TENANTRY_SECRET_${store.toUpperCase()}`]
  }
}
