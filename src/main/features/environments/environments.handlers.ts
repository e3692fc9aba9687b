import type { HandlersOf } from '../../kernel/context.ts'
import type { EnvironmentService } from './environment.service.ts'

export const environmentsHandlers = (service: EnvironmentService): HandlersOf<'environments'> => ({
  list: () => service.list(),
  get: ({ environmentId }) => service.get(environmentId),
  create: input => service.create(input),
  update: ({ environmentId, ...change }) => service.update(environmentId, change),
  delete: async ({ environmentId }) => {
    await service.delete(environmentId)
    return {}
  },
  test: (input, { session, signal }) => service.test(input, { maximumRole: session.maximumRole, signal }),
  previewImport: async ({ source }) => service.previewImport(source),
  import: input => service.import(input),
})
