import { IconAlertTriangle, IconCheck, IconDots, IconX } from '@tabler/icons-react'
import { useMemo } from 'react'
import { useLocation } from 'wouter'
import type { ArchiveRow } from '#shared/contract/backup.model.ts'
import { useEnvironment } from '../../../app/environment.tsx'
import { paths } from '../../../app/paths.ts'
import type { Meaning } from '../../../components/StateMark.tsx'
import { formatBytes, formatPlural } from '../../../lib/format.ts'
import { formatLocal, formatRelative, formatUtc } from '../../../lib/time.ts'
import { useNow } from '../../../lib/use-now.ts'
import { isUsable, judge } from '../parts/archive-words.ts'
import classes from './time-line.module.css'
import { type TimeMark, timeLine } from './time-line.ts'

interface TimeLineProps {
  tenantId: string
  archives: readonly ArchiveRow[]
}

const ICON = { size: 10, stroke: 3, 'aria-hidden': true } as const
const SYMBOL: Record<Meaning, React.ReactNode> = {
  ok: <IconCheck {...ICON} />,
  bad: <IconX {...ICON} />,
  warn: <IconAlertTriangle {...ICON} stroke={2.4} />,
  info: <IconDots {...ICON} />,
  quiet: null,
}
/** Without a known size a mark stands this high. */
const LOW = 0.12

/**
 * The archives of a tenant as a picture: when each was taken, how large it is, and whether it can be trusted. The table below it
 * says the same to those who do not see it, and opens by keyboard what a click opens here.
 */
export function TimeLine({ tenantId, archives }: TimeLineProps) {
  const environment = useEnvironment()
  const [, navigate] = useLocation()
  const now = useNow()
  const shape = useMemo(() => timeLine(archives, now), [archives, now])
  const shown = new Set(shape.marks.map(({ archive }) => judge(archive).word))
  const open = (event: React.MouseEvent) => {
    const mark = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-archive]') : null
    const archive = mark?.dataset.archive
    if (archive !== undefined) navigate(paths.archive(environment.id, tenantId, { archive }))
  }
  return (
    <figure className={classes.figure}>
      {/* biome-ignore lint/a11y/useKeyWithClickEvents: the links of the table below do the same by keyboard. */}
      <div
        className={classes.plot}
        role="img"
        aria-label={`Time line of ${formatPlural(archives.length, 'archive')}; the table below lists them`}
        onClick={open}
      >
        {shape.ticks.map(tick => (
          <div key={tick.x} className={classes.tick} data-strong={tick.isStrong} style={{ left: `${tick.x * 100}%` }}>
            <span>{tick.label}</span>
          </div>
        ))}
        {shape.marks.map(mark => (
          <Mark key={mark.archive.archive} mark={mark} now={now} />
        ))}
        <div className={classes.axis} />
      </div>
      <figcaption className={classes.legend}>
        {LEGEND.filter(({ word }) => shown.has(word)).map(({ word, meaning }) => (
          <span key={word} className={classes.key}>
            <span className={classes.head} data-meaning={meaning}>
              {SYMBOL[meaning]}
            </span>
            {word}
          </span>
        ))}
        <span className={classes.note}>The taller, the larger in the store</span>
      </figcaption>
    </figure>
  )
}

const LEGEND: readonly { word: string; meaning: Meaning }[] = [
  { word: 'Verified', meaning: 'ok' },
  { word: 'Not verified', meaning: 'quiet' },
  { word: 'Being written', meaning: 'info' },
  { word: 'Incomplete', meaning: 'warn' },
  { word: 'Damaged', meaning: 'bad' },
  { word: 'Failed verification', meaning: 'bad' },
]

function Mark({ mark, now }: { mark: TimeMark; now: Date }) {
  const { archive, x, height } = mark
  const { meaning } = judge(archive)
  return (
    <div
      className={classes.mark}
      data-meaning={meaning}
      data-busy={archive.state === 'running'}
      data-archive={isUsable(archive) || archive.state === 'damaged' ? archive.archive : undefined}
      data-tip={tipOf(archive, now)}
      style={{ left: `${x * 100}%`, height: `${(height ?? LOW) * 100}%` }}
    >
      <span className={classes.head} data-meaning={meaning}>
        {SYMBOL[meaning]}
      </span>
    </div>
  )
}

function tipOf(archive: ArchiveRow, now: Date): string {
  const at = new Date(archive.at)
  const { word, detail } = judge(archive)
  const size = archive.storedBytes === null ? undefined : `${formatBytes(archive.storedBytes)} stored`
  const rows = archive.rows === null ? undefined : formatPlural(Number(archive.rows), 'row')
  return [
    `${formatRelative(at, now)} · ${formatLocal(at)}`,
    formatUtc(at),
    [size, rows].filter(part => part !== undefined).join(' · '),
    `${word}. ${detail}`,
  ]
    .filter(line => line !== '')
    .join('\n')
}
