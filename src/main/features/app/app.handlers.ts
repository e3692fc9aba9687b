import type { SecretVault } from '../../connections/secret-vault.ts'
import type { HandlersOf } from '../../kernel/context.ts'

export const appHandlers = (app: { version: string; vault: Pick<SecretVault, 'availability'> }): HandlersOf<'app'> => ({
  info: async (_input, { session }) => ({
    version: app.version,
    host: session.host,
    platform: process.platform,
    user: session.user,
    maximumRole: session.maximumRole,
    keychain: await app.vault.availability(),
  }),
})
