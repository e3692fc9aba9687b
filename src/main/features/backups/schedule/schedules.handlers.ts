import type { schedules } from '#shared/contract/schedules.ts'
import type { Handler } from '../../../kernel/context.ts'
import type { ScheduleService } from './schedule.service.ts'

type Operations = (typeof schedules)['operations']

export const schedulesHandlers = (
  service: ScheduleService,
): { readonly [V in keyof Operations]: Handler<Operations[V]> } => ({
  list: (_input, { registry, environment }) => service.list(registry, environment),
  set: ({ environmentId: _, confirmation: _typed, ...change }, { registry, environment, session }) =>
    service.set({ registry, environment, who: session.user }, change),
})
