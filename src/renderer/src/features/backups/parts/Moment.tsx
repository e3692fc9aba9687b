import { formatLocal, formatUtc, parseInstant } from '../../../lib/time.ts'

/** A time that matters: in the viewer's zone, and in UTC beside it. */
export function Moment({ value }: { value: string }) {
  const date = parseInstant(value)
  if (date === undefined) return <span>{value}</span>
  return (
    <time dateTime={value} className="numeric">
      {formatLocal(date)} <small>{formatUtc(date)}</small>
    </time>
  )
}
