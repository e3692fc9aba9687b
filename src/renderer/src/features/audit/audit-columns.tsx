import { z } from 'zod'
import type { AuditEntry } from '#shared/contract/audit.ts'
import { operations } from '#shared/contract/index.ts'
import type { GridColumn } from '../../components/grid/types.ts'
import { type Meaning, StateMark } from '../../components/StateMark.tsx'
import { Timestamp } from '../../components/Timestamp.tsx'
import { formatDuration } from '../../lib/format.ts'
import { shortSummary } from '../../lib/summary.ts'
import classes from './audit.module.css'

export const AUDIT_COLUMNS: GridColumn<AuditEntry>[] = [
  {
    id: 'at',
    title: 'Time',
    width: 182,
    copyText: entry => entry.at,
    render: entry => <Timestamp value={entry.at} form="full" />,
  },
  {
    id: 'operation',
    title: 'What',
    width: 274,
    canGrow: true,
    copyText: entry => entry.operation,
    render: entry => (
      <>
        <span className={`truncate ${classes.summary}`}>{summaryOf(entry.operation)}</span>
        <span className={`mono truncate ${classes.soft} ${classes.code}`}>{entry.operation}</span>
      </>
    ),
  },
  {
    id: 'target',
    title: 'On',
    width: 186,
    render: entry => <Target entry={entry} />,
  },
  { id: 'who', title: 'Who', width: 96, render: entry => <span className="truncate">{entry.who}</span> },
  { id: 'host', title: 'From', width: 72, render: entry => <span className={classes.soft}>{entry.host}</span> },
  {
    id: 'outcome',
    title: 'Outcome',
    width: 166,
    render: entry => <OutcomeMark outcome={entry.outcome} />,
  },
  {
    id: 'duration',
    title: 'Took',
    width: 88,
    isEnd: true,
    render: entry => formatDuration(entry.durationMs),
  },
]

const summaryOf = (operation: string): string => shortSummary(operations.get(operation)?.summary ?? operation)

/** Operations that make something name it in their input. */
const Named = z.object({
  slug: z.string().optional(),
  name: z.string().optional(),
  settings: z.object({ name: z.string().optional() }).optional().catch(undefined),
})

function Target({ entry }: { entry: AuditEntry }) {
  const made = Named.safeParse(entry.input).data
  const slug = entry.tenantSlug ?? made?.slug
  const name = slug ?? made?.name ?? made?.settings?.name ?? entry.environmentName
  if (name == null) return <span className={classes.soft}>–</span>
  return <span className={`truncate ${slug === undefined ? '' : 'mono'}`}>{name}</span>
}

export function OutcomeMark({ outcome }: { outcome: string }) {
  return <StateMark meaning={meaningOf(outcome)}>{wordOf(outcome)}</StateMark>
}

function meaningOf(outcome: string): Meaning {
  if (outcome === 'ok') return 'ok'
  if (outcome === 'started') return 'info'
  return outcome === 'CANCELLED' ? 'quiet' : 'bad'
}

function wordOf(outcome: string): string {
  if (outcome === 'ok') return 'Done'
  if (outcome === 'started') return 'Started'
  return outcome
    .toLowerCase()
    .replaceAll('_', ' ')
    .replace(/^./, first => first.toUpperCase())
}
