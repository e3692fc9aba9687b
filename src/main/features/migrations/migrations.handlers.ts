import type { HandlersOf } from '../../kernel/context.ts'
import type { MigrationService } from './migration.service.ts'

export const migrationsHandlers = (
  service: Pick<MigrationService, 'status' | 'migrateRegistry'>,
): HandlersOf<'migrations'> => ({
  status: (_input, { registry }) => service.status(registry),
  migrateRegistry: async (_input, { registry }) => ({ applied: await service.migrateRegistry(registry) }),
})
