import { Cron } from 'croner'
import { invalidInput } from '#shared/errors.ts'

/** When a schedule runs: five fields, read in UTC. */
export interface CronTimes {
  /** The first run after this moment. */
  next(after: Date): Date | null
  /** Runs from `from` to `to`, both included; `latest` is the last of them. Counts no further than a thousand. */
  between(from: Date, to: Date): { runs: number; latest: Date | null }
}

const MOST_RUNS = 1_000
const SECOND_MS = 1_000

/** Rejects with INVALID_INPUT for the field `cron`: wrong fields, nicknames such as `@daily`, times that never come. */
export function parseCron(text: string): CronTimes {
  const cron = tryParse(text)
  if (cron === undefined || text.trim().startsWith('@')) {
    throw invalidInput({
      cron: 'Five fields: minute, hour, day of the month, month, day of the week. Example: 0 2 * * *',
    })
  }
  const next = (after: Date) => cron.nextRun(after)
  if (next(new Date()) === null) throw invalidInput({ cron: 'This time never comes.' })
  const between: CronTimes['between'] = (from, to) => {
    let runs = 0
    let latest: Date | null = null
    // The library looks for runs after a moment, so the first look begins right before it.
    for (let at = next(new Date(from.getTime() - 1)); at !== null && at <= to; at = next(at)) {
      runs += 1
      latest = at
      if (runs === MOST_RUNS) return { runs, latest: lastBefore(cron, to) ?? latest }
    }
    return { runs, latest }
  }
  return { next, between }
}

const lastBefore = (cron: Cron, to: Date): Date | undefined =>
  cron.previousRuns(2, new Date(to.getTime() + SECOND_MS)).find(run => run <= to)

function tryParse(text: string): Cron | undefined {
  try {
    return new Cron(text.trim(), { timezone: 'UTC', mode: '5-part', paused: true })
  } catch {
    return undefined
  }
}
