import { formatLocal, formatUtc, parsePgTimestamptz } from '../../lib/time.ts'

export interface ShownInstant {
  /** In the viewer's zone, to the second. */
  local: string
  /** In UTC, with every digit that is stored. */
  utc: string
  iso: string
}

/** A timestamptz as people read it; undefined for infinity and years that no Date holds, which are shown as they are. */
export function shownInstant(text: string): ShownInstant | undefined {
  const date = parsePgTimestamptz(text)
  if (date === undefined) return undefined
  // Offsets are whole seconds, so the fraction is the same in every zone.
  const fraction = /\.\d+/.exec(text)?.[0] ?? ''
  return { local: formatLocal(date), utc: formatUtc(date).replace(/ UTC$/, `${fraction} UTC`), iso: date.toISOString() }
}
