import type { HandlersOf } from '../../kernel/context.ts'
import type { ScheduleService } from './schedule/schedule.service.ts'

export const schedulesHandlers = (service: ScheduleService): HandlersOf<'schedules'> => ({
  list: (_input, { registry, environment }) => service.list(registry, environment),
  set: ({ kind, cron, isEnabled, options }, { registry, environment, session }) =>
    service.set({ registry, environment, who: session.user }, { kind, cron, isEnabled, options }),
})
