import { ActionIcon, Switch, Text, Tooltip, VisuallyHidden } from '@mantine/core'
import { IconPencil, IconPlayerPlay } from '@tabler/icons-react'
import { useState } from 'react'
import type { OutputOf } from '#shared/contract/index.ts'
import type { Schedule } from '#shared/contract/schedules.ts'
import { useEnvironment, usePermission } from '../../../app/environment.tsx'
import { setTrayOpen } from '../../../app/jobs/job-store.ts'
import { useMutationOperation, useOperation } from '../../../client/hooks.ts'
import { Notice } from '../../../components/Notice.tsx'
import { StateMark } from '../../../components/StateMark.tsx'
import { Timestamp } from '../../../components/Timestamp.tsx'
import { formatLocal, formatUtc } from '../../../lib/time.ts'
import parts from '../parts/parts.module.css'
import { TableFrame } from '../parts/TableFrame.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { readCron } from './cron-words.ts'
import { ScheduleDialog } from './ScheduleDialog.tsx'
import { KIND_WORDS, missedWords } from './schedule-words.ts'
import classes from './schedules.module.css'

const POLL_MS = 30_000

/** What runs by itself, when it runs next, and what was missed. */
export default function SchedulesTab() {
  const environment = useEnvironment()
  const schedules = useOperation('schedules.list', { environmentId: environment.id }, { pollMs: () => POLL_MS })
  const [edited, setEdited] = useState<{ schedule: Schedule; isEnabled: boolean }>()
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section className={parts.scroll} tabIndex={0} aria-label="Schedules">
      {schedules.data === undefined ? (
        <Waiting query={schedules} title="The schedules could not be read" />
      ) : (
        <div className={parts.stack}>
          <Runner runner={schedules.data.runner} isNeeded={schedules.data.items.some(item => item.isEnabled)} />
          <TableFrame label="Schedules">
            <thead>
              <tr>
                <th>On</th>
                <th>What</th>
                <th>When</th>
                <th>Next run</th>
                <th>Last run</th>
                <th>
                  <VisuallyHidden>Actions</VisuallyHidden>
                </th>
              </tr>
            </thead>
            <tbody>
              {schedules.data.items.map(schedule => (
                <ScheduleLine
                  key={schedule.kind}
                  schedule={schedule}
                  onEdit={isEnabled => setEdited({ schedule, isEnabled })}
                />
              ))}
            </tbody>
          </TableFrame>
          <Text size="xs" c="dimmed">
            Schedules run while this console is open, or while <span className="mono">tenantry schedule run</span> runs
            on a server; never twice at once. What was missed is shown; the latest missed run of each is made up once,
            when the console or the command starts.
          </Text>
        </div>
      )}
      {edited !== undefined && (
        <ScheduleDialog schedule={edited.schedule} isEnabled={edited.isEnabled} onClose={() => setEdited(undefined)} />
      )}
    </section>
  )
}

function Runner({ runner, isNeeded }: { runner: OutputOf<'schedules.list'>['runner']; isNeeded: boolean }) {
  if (runner !== null) {
    return (
      <Notice meaning="info">
        {runner.application} of {runner.who} runs the schedules, since <Timestamp value={runner.since} />.
      </Notice>
    )
  }
  if (!isNeeded) return <Notice meaning="info">No schedule is switched on; nothing runs by itself.</Notice>
  return (
    <Notice meaning="warn">
      Nobody runs the schedules now, so nothing will start. Leave this console open, or run{' '}
      <span className="mono">tenantry schedule run</span> on a server.
    </Notice>
  )
}

interface ScheduleLineProps {
  schedule: Schedule
  onEdit: (isEnabled: boolean) => void
}

function ScheduleLine({ schedule, onEdit }: ScheduleLineProps) {
  const environment = useEnvironment()
  const set = useMutationOperation('schedules.set')
  const permission = usePermission('schedules.set', environment)
  const { title, detail } = KIND_WORDS[schedule.kind]
  const { words } = readCron(schedule.cron)
  const missed = missedWords(schedule.missedRuns)
  const toggle = (isEnabled: boolean) => {
    // In production a switch asks, as every change does.
    if (environment.class === 'production') onEdit(isEnabled)
    else set.mutate({ environmentId: environment.id, kind: schedule.kind, isEnabled })
  }
  return (
    <tr>
      <td>
        <Switch
          aria-label={title}
          checked={schedule.isEnabled}
          disabled={!permission.isAllowed || set.isPending}
          title={permission.reason}
          onChange={event => toggle(event.currentTarget.checked)}
        />
      </td>
      <td className={classes.what} data-name="true">
        <strong>{title}</strong>
        <small>{detail}</small>
      </td>
      <td className={classes.what} data-when="true">
        <span>{words ?? 'At times of its own'}</span>
        <small className="mono">{schedule.cron}</small>
      </td>
      <td className={classes.what} data-line="true">
        {schedule.isEnabled && schedule.nextRunAt !== null ? (
          <NextRun value={schedule.nextRunAt} />
        ) : (
          <span className={parts.soft}>{schedule.isEnabled ? '–' : 'switched off'}</span>
        )}
      </td>
      <td className={classes.what}>
        <LastRun schedule={schedule} />
        {missed !== undefined && (
          <StateMark meaning="warn">
            <span>
              {missed}
              {schedule.missedSince !== null && ' since '}
              {schedule.missedSince !== null && <Timestamp value={schedule.missedSince} />}
            </span>
          </StateMark>
        )}
      </td>
      <td data-end="true">
        {schedule.kind === 'drill' && <DrillNow options={schedule.options} />}
        <Tooltip label={permission.reason ?? 'Change'}>
          <ActionIcon
            size={26}
            aria-label={`Change: ${title}`}
            disabled={!permission.isAllowed}
            onClick={() => onEdit(schedule.isEnabled)}
          >
            <IconPencil size={16} />
          </ActionIcon>
        </Tooltip>
      </td>
    </tr>
  )
}

/** A drill can be wanted at any time: after a change of the server, before an audit. */
function DrillNow({ options }: { options: Schedule['options'] }) {
  const environment = useEnvironment()
  const drill = useMutationOperation('backups.drill')
  const permission = usePermission('backups.drill', environment)
  const tenants = typeof options.tenants === 'number' ? { tenants: options.tenants } : {}
  return (
    <Tooltip label={permission.reason ?? 'Run a drill now'}>
      <ActionIcon
        size={26}
        aria-label="Run a drill now"
        disabled={!permission.isAllowed || environment.stores.backup === undefined}
        loading={drill.isPending}
        onClick={() =>
          drill.mutate({ environmentId: environment.id, ...tenants }, { onSuccess: () => setTrayOpen(true) })
        }
      >
        <IconPlayerPlay size={16} />
      </ActionIcon>
    </Tooltip>
  )
}

/** Here first, then UTC and how long it is until then. */
function NextRun({ value }: { value: string }) {
  const date = new Date(value)
  return (
    <>
      <span className="numeric">{formatLocal(date)}</span>
      <small className="numeric">{formatUtc(date)}</small>
      <small>
        <Timestamp value={value} />
      </small>
    </>
  )
}

function LastRun({ schedule }: { schedule: Schedule }) {
  if (schedule.lastRunAt === null)
    return (
      <span className={parts.soft} style={{ whiteSpace: 'nowrap' }}>
        never ran
      </span>
    )
  return (
    <>
      <span>
        {schedule.lastOutcome === 'failed' ? (
          <StateMark meaning="bad">Failed</StateMark>
        ) : (
          <StateMark meaning="ok">Done</StateMark>
        )}{' '}
        <Timestamp value={schedule.lastRunAt} />
      </span>
      {schedule.lastProblem !== null && <small className={parts.bad}>{schedule.lastProblem}</small>}
    </>
  )
}
