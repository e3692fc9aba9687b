import { Button, Group, Text } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { useState } from 'react'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import type { Restore } from '#shared/contract/restore.model.ts'
import { AppError } from '#shared/errors.ts'
import { useEnvironment } from '../../../app/environment.tsx'
import { useViewState } from '../../../app/view-state.ts'
import { useMutationOperation } from '../../../client/hooks.ts'
import { ConfirmDialog } from '../../../components/ConfirmDialog.tsx'
import { ErrorPanel } from '../../../components/ErrorPanel.tsx'
import { Timestamp } from '../../../components/Timestamp.tsx'
import { CompareResult } from '../compare/CompareResult.tsx'
import { ARCHIVE_AND_LIVE } from '../compare/side-words.ts'
import { StepBody } from './StepBody.tsx'

interface CompareStepProps {
  restore: Restore
  job: JobSnapshot | undefined
  identity: React.ReactNode
}

const TITLES: Record<string, string> = {
  'backups.restore': 'Nothing was swapped, and live is unchanged',
  'backups.recompare': 'The comparison could not be brought up to now',
  'backups.restoreRows': 'No row was brought back',
}

/** What would change if the restored schema became live, down to single rows. */
export function CompareStep({ restore, job, identity }: CompareStepProps) {
  const environment = useEnvironment()
  const [, setView] = useViewState()
  const [isDiscarding, setDiscarding] = useState(false)
  const target = { environmentId: environment.id, tenantId: restore.tenantId, restoreId: restore.id }
  const again = useMutationOperation('backups.recompare')
  const isStale = job?.error != null && Date.parse(job.createdAt) > Date.parse(restore.comparedAt ?? restore.createdAt)
  const title = job === undefined ? undefined : TITLES[job.operation]
  return (
    <StepBody
      label="Compare"
      identity={identity}
      left={
        <Button variant="subtle" color="gray" onClick={() => setDiscarding(true)}>
          Give this restore up…
        </Button>
      }
      right={
        <>
          <Button variant="default" disabled={restore.comparison === null} onClick={() => setView({ step: 'rows' })}>
            Bring back chosen rows…
          </Button>
          <Button disabled={restore.comparison === null} onClick={() => setView({ step: 'confirm', rows: undefined })}>
            Go on to confirm
          </Button>
        </>
      }
    >
      {isStale && title !== undefined && job?.error != null && (
        <ErrorPanel error={AppError.fromData(job.error)} title={title} />
      )}
      <Group justify="space-between">
        <Text size="sm">
          The archive is restored and verified beside live. This is how it differs from live,{' '}
          {restore.comparedAt === null ? (
            'not compared yet'
          ) : (
            <>
              compared <Timestamp value={restore.comparedAt} />
            </>
          )}
          .
        </Text>
        <Button
          variant="default"
          leftSection={<IconRefresh size={15} aria-hidden />}
          loading={again.isPending}
          onClick={() => again.mutate(target)}
        >
          Compare again
        </Button>
      </Group>
      {restore.comparison !== null && (
        <CompareResult tables={restore.comparison} sides={ARCHIVE_AND_LIVE} source={target} />
      )}
      {isDiscarding && <DiscardDialog restore={restore} onClose={() => setDiscarding(false)} />}
    </StepBody>
  )
}

function DiscardDialog({ restore, onClose }: { restore: Restore; onClose: () => void }) {
  const environment = useEnvironment()
  const discard = useMutationOperation('backups.discard', { isQuiet: true })
  return (
    <ConfirmDialog
      title="Give this restore up"
      actionLabel="Remove what was restored"
      keepLabel="Keep it"
      isDestructive
      isRunning={discard.isPending}
      error={discard.error}
      onClose={onClose}
      onConfirm={() =>
        discard.mutate(
          { environmentId: environment.id, tenantId: restore.tenantId, restoreId: restore.id },
          { onSuccess: onClose },
        )
      }
    >
      <Text size="sm">
        The schema <span className="mono">{restore.sideSchema}</span> beside live is removed. Live and the archive stay
        as they are; restoring again begins anew.
      </Text>
    </ConfirmDialog>
  )
}
