import { ActionIcon, Tooltip } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { Link, useLocation } from 'wouter'
import type { OutputOf } from '#shared/contract/index.ts'
import { isJobOver, type JobSnapshot } from '#shared/contract/jobs.ts'
import type { Restore } from '#shared/contract/restore.model.ts'
import { useEnvironment } from '../../../app/environment.tsx'
import { paths } from '../../../app/paths.ts'
import { useViewState } from '../../../app/view-state.ts'
import { useOperation } from '../../../client/hooks.ts'
import { Notice } from '../../../components/Notice.tsx'
import { Screen } from '../../../components/Screen.tsx'
import { JobPanel } from '../parts/JobPanel.tsx'
import { useShownHere } from '../parts/use-shown-here.ts'
import { Waiting } from '../parts/Waiting.tsx'
import { CompareStep } from './CompareStep.tsx'
import { ConfirmStep } from './ConfirmStep.tsx'
import { DonePanel } from './DonePanel.tsx'
import { GivenUpPanel } from './GivenUpPanel.tsx'
import { Identity } from './Identity.tsx'
import { PendingDecisionPanel } from './PendingDecisionPanel.tsx'
import { RestoreMark } from './RestoreMark.tsx'
import { RestoreStepper } from './RestoreStepper.tsx'
import { RowsStep } from './RowsStep.tsx'
import { isGivenUp, isMoving, stepOf } from './restore-steps.ts'
import { StepBody } from './StepBody.tsx'
import { UndoStep } from './UndoStep.tsx'
import { useRestoreState } from './use-restore.ts'

/** A restore at whatever step the server has it: a reload, or another window, goes on at the same one. */
export default function RestoreScreen({ tenantId, restoreId }: { tenantId: string; restoreId: string }) {
  const environment = useEnvironment()
  const [params] = useViewState()
  const { state, job } = useRestoreState(tenantId, restoreId)
  useShownHere(job?.id)
  const tenant = useOperation('tenants.get', { environmentId: environment.id, tenantId }, { staleTime: 60_000 })
  const name = tenant.data?.name
  const back = (
    <Tooltip label="All archives of the tenant">
      <ActionIcon
        component={Link}
        href={paths.tenant(environment.id, tenantId, 'backups')}
        aria-label="All archives of the tenant"
      >
        <IconArrowLeft size={18} />
      </ActionIcon>
    </Tooltip>
  )
  if (state.data === undefined) {
    return (
      <Screen title="Restore" back={back}>
        <Waiting query={state} title="The restore could not be shown" />
      </Screen>
    )
  }
  const restore = asAtWork(state.data.restore, job)
  return (
    <Screen
      title={`Restore ${name ?? restore.slug}`}
      layout="fill"
      back={back}
      aside={<RestoreMark restore={restore} form="pill" />}
    >
      <RestoreStepper
        step={stepOf(restore, params.get('step'))}
        isFailed={isGivenUp(restore) || restore.verification?.outcome === 'failed'}
        isOver={restore.state === 'undone' || (restore.state === 'done' && restore.verification?.outcome === 'passed')}
      />
      <Step
        data={{ ...state.data, restore }}
        job={job}
        view={params.get('step')}
        identity={
          <>
            {state.isError && (
              <Notice meaning="warn">
                The state of this restore cannot be read at the moment: {state.error.message} What is shown was read
                before; it is asked for again and again.
              </Notice>
            )}
            <Identity
              environment={environment}
              tenantName={name}
              slug={restore.slug}
              archiveAt={restore.archiveAt}
              archiveHash={restore.archiveHash}
            />
          </>
        }
      />
    </Screen>
  )
}

/** What the job says is newer than what was read of the restore: it swaps from its start. */
function asAtWork(restore: Restore, job: JobSnapshot | undefined): Restore {
  const isSwapping = job?.operation === 'backups.restore' || job?.operation === 'backups.undo'
  const mayMove = restore.state === 'ready' || (restore.state === 'done' && job?.operation === 'backups.undo')
  return isSwapping && mayMove && !isJobOver(job.state) ? { ...restore, state: 'swapping' } : restore
}

interface StepProps {
  data: OutputOf<'backups.restoreState'>
  job: JobSnapshot | undefined
  view: string | null
  identity: React.ReactNode
}

function Step({ data, job, view, identity }: StepProps) {
  const { restore, pending } = data
  if (pending !== null) return <PendingDecisionPanel restore={restore} pending={pending} identity={identity} />
  const running = job !== undefined && !isJobOver(job.state) ? job : undefined
  if (isMoving(restore) || (running !== undefined && running.operation !== 'backups.discard')) {
    return <Working restore={restore} job={running} identity={identity} />
  }
  if (isGivenUp(restore)) return <GivenUpPanel restore={restore} job={job} identity={identity} />
  if (restore.state === 'ready') {
    if (view === 'rows') return <RowsStep restore={restore} job={job} identity={identity} />
    if (view === 'confirm' && restore.comparison !== null) return <ConfirmStep restore={restore} identity={identity} />
    return <CompareStep restore={restore} job={job} identity={identity} />
  }
  if (view === 'undo' && restore.state === 'done') return <UndoStep restore={restore} job={job} identity={identity} />
  return <DonePanel restore={restore} identity={identity} />
}

const TITLES: Record<string, string> = {
  'backups.prepare': 'Restoring beside live',
  'backups.recompare': 'Comparing with live once more',
  'backups.restore': 'Swapping',
  'backups.undo': 'Swapping back',
  'backups.restoreRows': 'Bringing rows back',
}
const CANCEL_NOTES: Record<string, string> = {
  'backups.prepare': 'Live is not touched; what was built is removed.',
  'backups.recompare': 'The restore stays as it is.',
  'backups.restore': 'Until the two schemas are exchanged, cancelling changes nothing.',
  'backups.undo': 'Until the two schemas are exchanged, cancelling changes nothing.',
  'backups.restoreRows': 'All rows come back in one transaction, or none.',
}

function Working({
  restore,
  job,
  identity,
}: Pick<StepProps, 'job' | 'identity'> & { restore: StepProps['data']['restore'] }) {
  const environment = useEnvironment()
  const [, navigate] = useLocation()
  const onBackground = () => navigate(paths.tenant(environment.id, restore.tenantId, 'backups'))
  return (
    <StepBody identity={identity} label="At work">
      {job === undefined ? (
        <Notice meaning="info">
          {restore.who} is at work on this restore in another console:{' '}
          {restore.state === 'preparing' ? 'it is built beside live' : 'the two schemas are being swapped'}. This page
          follows it.
        </Notice>
      ) : (
        <JobPanel
          job={job}
          title={TITLES[job.operation] ?? 'At work'}
          cancelNote={CANCEL_NOTES[job.operation] ?? ''}
          onBackground={onBackground}
          logLines={4}
        />
      )}
    </StepBody>
  )
}
