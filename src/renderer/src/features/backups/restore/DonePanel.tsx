import { Button, Text } from '@mantine/core'
import { IconArrowBackUp, IconCircleCheck, IconCircleX } from '@tabler/icons-react'
import { Link } from 'wouter'
import type { Restore } from '#shared/contract/restore.model.ts'
import { useEnvironment, usePermission } from '../../../app/environment.tsx'
import { paths } from '../../../app/paths.ts'
import { useViewState } from '../../../app/view-state.ts'
import { Notice } from '../../../components/Notice.tsx'
import { Timestamp } from '../../../components/Timestamp.tsx'
import { formatDuration } from '../../../lib/format.ts'
import { Fact, Facts } from '../parts/Facts.tsx'
import classes from './restore.module.css'
import { StepBody } from './StepBody.tsx'
import { useSwapReport } from './use-restore.ts'
import { VerificationTable } from './VerificationTable.tsx'

const ICON = { size: 28, stroke: 1.8, 'aria-hidden': true } as const

/** After the swap: whether what is live is the archive, and for how long it can be undone. */
export function DonePanel({ restore, identity }: { restore: Restore; identity: React.ReactNode }) {
  const environment = useEnvironment()
  const [, setView] = useViewState()
  const permission = usePermission('backups.undo', environment)
  const canUndo = restore.state === 'done' && restore.keptSchema !== null
  return (
    <StepBody
      label="Result"
      identity={identity}
      left={
        canUndo && (
          <Button
            variant="subtle"
            color="gray"
            leftSection={<IconArrowBackUp size={16} aria-hidden />}
            disabled={!permission.isAllowed}
            title={permission.reason}
            onClick={() => setView({ step: 'undo' })}
          >
            Undo…
          </Button>
        )
      }
      right={
        <Button component={Link} href={paths.tenant(environment.id, restore.tenantId)}>
          Open the tenant
        </Button>
      }
    >
      <Verdict restore={restore} />
      {restore.problem !== null && <Notice meaning="warn">{restore.problem}</Notice>}
      <SwapFacts restore={restore} />
      {restore.state === 'done' && restore.verification !== null && (
        <VerificationTable verification={restore.verification} />
      )}
    </StepBody>
  )
}

function Verdict({ restore }: { restore: Restore }) {
  if (restore.state === 'undone') {
    return (
      <section className={classes.verdict} data-meaning="quiet">
        <IconArrowBackUp {...ICON} />
        <div role="status">
          <h2>Undone</h2>
          <Text size="sm">What was live before the restore is live again.</Text>
        </div>
      </section>
    )
  }
  const { verification } = restore
  if (verification?.outcome === 'passed') {
    return (
      <section className={classes.verdict} data-meaning="ok">
        <IconCircleCheck {...ICON} />
        <div role="status">
          <h2>Restored and verified</h2>
          <Text size="sm">
            Every table of {restore.slug} was counted and hashed against the archive{' '}
            <Timestamp value={verification.at} />.
          </Text>
        </div>
      </section>
    )
  }
  return (
    <section className={classes.verdict} data-meaning="bad">
      <IconCircleX {...ICON} />
      <div role="alert">
        <h2>{verification === null ? 'Swapped, but not verified' : 'Swapped, but it differs from the archive'}</h2>
        <Text size="sm">
          {verification === null
            ? 'The two schemas were exchanged; what is live was not compared with the archive afterwards. Undo brings back what was live before.'
            : 'Look at the tables below. Writers may have gone on since the swap; Undo brings back what was live before.'}
        </Text>
      </div>
    </section>
  )
}

function SwapFacts({ restore }: { restore: Restore }) {
  const report = useSwapReport(restore)
  return (
    <Facts>
      {report !== undefined && (
        <>
          <Fact label="Writers were held off">{formatDuration(report.heldMs)}</Fact>
          <Fact label="The swap took">{formatDuration(report.swapMs)}</Fact>
        </>
      )}
      <Fact label="Restored by">{restore.who}</Fact>
      <Fact label="Finished">
        <Timestamp value={restore.finishedAt} />
      </Fact>
      {restore.reason !== null && <Fact label="Reason">{restore.reason}</Fact>}
      {restore.keptSchema !== null && (
        <>
          <Fact label={restore.state === 'undone' ? 'What the undo took away' : 'What was live before'}>
            <span className="mono">{restore.keptSchema}</span>
          </Fact>
          <Fact label="Kept until">
            <Timestamp value={restore.keptUntil} form="full" />
          </Fact>
        </>
      )}
    </Facts>
  )
}
