import type { HandlersOf } from '../../kernel/context.ts'
import type { HealthService } from './health.service.ts'

export const healthHandlers = (service: HealthService): HandlersOf<'health'> => ({
  check: (_input, { environment, signal }) => service.check(environment, signal),
})
