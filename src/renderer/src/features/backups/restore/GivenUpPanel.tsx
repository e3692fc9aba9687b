import { Button, Text } from '@mantine/core'
import { IconBan, IconCircleX } from '@tabler/icons-react'
import { Link } from 'wouter'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import type { Restore } from '#shared/contract/restore.model.ts'
import { AppError } from '#shared/errors.ts'
import { useEnvironment, usePermission } from '../../../app/environment.tsx'
import { setTrayOpen } from '../../../app/jobs/job-store.ts'
import { paths } from '../../../app/paths.ts'
import { useMutationOperation } from '../../../client/hooks.ts'
import { ErrorPanel } from '../../../components/ErrorPanel.tsx'
import { Notice } from '../../../components/Notice.tsx'
import classes from './restore.module.css'
import { StepBody } from './StepBody.tsx'

const TITLES = {
  failed: 'The restore failed, and live is unchanged',
  cancelled: 'The restore was cancelled, and live is unchanged',
  discarded: 'The restore was given up, and live is unchanged',
} as const
const ICON = { size: 28, stroke: 1.8, 'aria-hidden': true } as const

interface GivenUpPanelProps {
  restore: Restore
  job: JobSnapshot | undefined
  identity: React.ReactNode
}

/** A restore that came to nothing: why, and what it left behind. */
export function GivenUpPanel({ restore, job, identity }: GivenUpPanelProps) {
  const environment = useEnvironment()
  const discard = useMutationOperation('backups.discard', { isQuiet: true })
  const permission = usePermission('backups.discard', environment)
  const state = restore.state === 'cancelled' || restore.state === 'discarded' ? restore.state : 'failed'
  const isRemoving = job?.operation === 'backups.discard' && job.finishedAt === null
  const failed = job?.operation !== 'backups.discard' && job?.error != null ? AppError.fromData(job.error) : undefined
  return (
    <StepBody
      label="Result"
      identity={identity}
      left={
        <Button component={Link} href={paths.tenant(environment.id, restore.tenantId, 'backups')} variant="default">
          Back to the archives
        </Button>
      }
      right={
        <Button component={Link} href={paths.restorePlan(environment.id, restore.tenantId, restore.archive)}>
          Plan it again
        </Button>
      }
    >
      <section className={classes.verdict} data-meaning={state === 'failed' ? 'bad' : 'quiet'}>
        {state === 'failed' ? <IconCircleX {...ICON} /> : <IconBan {...ICON} />}
        <div role="status">
          <h2>{TITLES[state]}</h2>
          <Text size="sm">{restore.problem ?? failed?.message ?? ''}</Text>
          {failed?.hint !== undefined && (
            <Text size="sm" c="dimmed">
              {failed.hint}
            </Text>
          )}
        </div>
      </section>
      {restore.sideSchema === null ? (
        <Notice meaning="info">Nothing was left on the server.</Notice>
      ) : (
        <Notice meaning="warn">
          It left the schema <span className="mono">{restore.sideSchema}</span> beside live.{' '}
          <Button
            size="compact-sm"
            variant="default"
            ml={8}
            loading={discard.isPending || isRemoving}
            disabled={!permission.isAllowed}
            title={permission.reason}
            onClick={() =>
              discard.mutate(
                { environmentId: environment.id, tenantId: restore.tenantId, restoreId: restore.id },
                { onSuccess: () => setTrayOpen(true) },
              )
            }
          >
            Remove what was left
          </Button>
        </Notice>
      )}
      {discard.error !== null && <ErrorPanel error={discard.error} title="What was left could not be removed" />}
    </StepBody>
  )
}
