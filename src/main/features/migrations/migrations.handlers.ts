import type { HandlersOf } from '../../kernel/context.ts'
import type { FleetService } from './fleet.service.ts'
import type { FleetRunService } from './fleet-run.service.ts'
import type { MigrationService } from './migration.service.ts'

export const migrationsHandlers = (
  service: Pick<MigrationService, 'status' | 'migrateRegistry'>,
  fleet: FleetService,
  runs: FleetRunService,
): HandlersOf<'migrations'> => ({
  status: (_input, { registry }) => service.status(registry),
  migrateRegistry: async (_input, { registry }) => ({ applied: await service.migrateRegistry(registry) }),
  board: (_input, { registry }) => fleet.board(registry),
  tenants: ({ environmentId: _, ...query }, { registry }) => fleet.tenants(registry, query),
  history: async ({ tenantId }, { registry }) => ({ items: await fleet.history(registry, tenantId) }),
  reconcile: (_input, { registry, job }) =>
    fleet.reconcile(registry, (done, total) => job.progress({ done, total, unit: 'tenants' })),
  run: (input, { registry, environment, session, signal, job }) =>
    runs.run(registry, input, { environment, who: session.user, signal, job }),
  pause: async ({ environmentId }) => runs.pause(environmentId),
  resume: async ({ environmentId }) => runs.resume(environmentId),
})
