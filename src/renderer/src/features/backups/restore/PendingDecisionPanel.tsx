import { Button } from '@mantine/core'
import { useEffect, useState } from 'react'
import type { z } from 'zod'
import type { PendingDecision, Restore } from '#shared/contract/restore.model.ts'
import { useEnvironment } from '../../../app/environment.tsx'
import { useMutationOperation } from '../../../client/hooks.ts'
import { ErrorPanel } from '../../../components/ErrorPanel.tsx'
import { formatCount } from '../../../lib/format.ts'
import { formatClock } from '../../../lib/time.ts'
import { ComparisonTable } from '../compare/ComparisonTable.tsx'
import { ARCHIVE_AND_LIVE, KEPT_AND_LIVE } from '../compare/side-words.ts'
import { DangerButton } from '../parts/DangerButton.tsx'
import parts from '../parts/parts.module.css'
import { TableFrame } from '../parts/TableFrame.tsx'
import { LossPanel } from './LossPanel.tsx'
import { lossSentence } from './loss-words.ts'
import classes from './restore.module.css'
import { signedDifference } from './row-change.ts'
import { StepBody } from './StepBody.tsx'

type Pending = z.infer<typeof PendingDecision>

interface PendingDecisionPanelProps {
  restore: Restore
  pending: Pending
  identity: React.ReactNode
}

/** Writers are held off and live is not what was confirmed: the person accepts what changed, or lets go, before the time is up. */
export function PendingDecisionPanel({ restore, pending, identity }: PendingDecisionPanelProps) {
  const environment = useEnvironment()
  const decide = useMutationOperation('backups.decide', { isQuiet: true })
  const seconds = useSecondsTo(pending.deadline)
  const answer = (accept: boolean) =>
    decide.mutate({
      environmentId: environment.id,
      tenantId: restore.tenantId,
      restoreId: restore.id,
      token: pending.token,
      accept,
    })
  const isLate = seconds <= 0
  // What was restored already is being taken back.
  const isUndo = restore.keptSchema !== null
  return (
    <StepBody
      label="Decide"
      identity={identity}
      left={
        <DangerButton
          disabled={isLate || decide.isSuccess}
          loading={decide.isPending && decide.variables.accept}
          onClick={() => answer(true)}
        >
          Accept and swap
        </DangerButton>
      }
      right={
        <Button
          disabled={isLate || decide.isSuccess}
          loading={decide.isPending && !decide.variables.accept}
          onClick={() => answer(false)}
        >
          Let go, change nothing
        </Button>
      }
    >
      <section className={classes.decision} aria-labelledby="pending-decision">
        <div className={parts.head}>
          <div role="alert">
            <h2 id="pending-decision" className={classes.question}>
              Live changed since you confirmed
            </h2>
          </div>
          <Countdown seconds={seconds} deadline={pending.deadline} />
        </div>
        <p style={{ margin: '0 0 12px' }}>
          Writers of {restore.slug} are held off now. When the time is up they go on by themselves, and nothing is
          changed.
        </p>
        {decide.error !== null && (
          <div style={{ marginBottom: 12 }}>
            <ErrorPanel error={decide.error} title="Your answer did not count" />
          </div>
        )}
        <TableFrame label="What changed since">
          <thead>
            <tr>
              <th>Table</th>
              <th data-end="true">Rows then</th>
              <th data-end="true">Rows now</th>
              <th data-end="true">Difference</th>
            </tr>
          </thead>
          <tbody>
            {pending.changes.map(change => (
              <tr key={change.table}>
                <td className="mono">{change.table}</td>
                <td data-end="true">{formatCount(change.rowsBefore)}</td>
                <td data-end="true">{formatCount(change.rowsNow)}</td>
                <td data-end="true">{signedDifference(change.rowsBefore, change.rowsNow)}</td>
              </tr>
            ))}
          </tbody>
        </TableFrame>
      </section>
      <LossPanel
        sentence={lossSentence(pending.comparison, {
          coming: isUndo ? 'the kept schema' : 'the archive',
          going: 'live',
        })}
      >
        This is what would be lost as live is now.
      </LossPanel>
      <ComparisonTable tables={pending.comparison} sides={isUndo ? KEPT_AND_LIVE : ARCHIVE_AND_LIVE} />
    </StepBody>
  )
}

function Countdown({ seconds, deadline }: { seconds: number; deadline: string }) {
  return (
    <span className={classes.clock} role="timer" aria-label={`Time left, until ${formatClock(deadline)}`}>
      {Math.max(seconds, 0)} s
    </span>
  )
}

const TICK_MS = 250

/** Whole seconds until a time; negative after it. */
function useSecondsTo(instant: string): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), TICK_MS)
    return () => clearInterval(timer)
  }, [])
  return Math.ceil((Date.parse(instant) - now) / 1_000)
}
