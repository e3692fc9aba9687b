import { formatLocal, formatRelative, parseInstant } from '../lib/time.ts'
import { useNow } from '../lib/use-now.ts'

interface TimestampProps {
  /** ISO 8601; null where there is none. */
  value: string | null
  /** `relative`: 5 minutes ago. `full`: date and time in the viewer's zone. */
  form?: 'relative' | 'full'
  /** Shown for null. */
  absent?: string
}

/** A time in the viewer's zone, with its exact value there and in UTC on hover. */
export function Timestamp({ value, form = 'relative', absent = '–' }: TimestampProps) {
  const now = useNow()
  if (value === null) return <span style={{ color: 'var(--text-soft)' }}>{absent}</span>
  const date = parseInstant(value)
  if (date === undefined) return <span>{value}</span>
  return (
    <time dateTime={value} data-tip-time={value} className="numeric">
      {form === 'relative' ? formatRelative(date, now) : formatLocal(date)}
    </time>
  )
}
