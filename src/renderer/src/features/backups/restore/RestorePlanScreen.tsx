import { ActionIcon, Button, Text, Tooltip } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useEffect, useEffectEvent, useState } from 'react'
import { Link, useLocation } from 'wouter'
import { isJobOver, type JobSnapshot } from '#shared/contract/jobs.ts'
import { useEnvironment, usePermission } from '../../../app/environment.tsx'
import { useJob } from '../../../app/jobs/use-job.ts'
import { paths } from '../../../app/paths.ts'
import { useViewState } from '../../../app/view-state.ts'
import { useMutationOperation, useOperation } from '../../../client/hooks.ts'
import { ErrorPanel } from '../../../components/ErrorPanel.tsx'
import { Screen } from '../../../components/Screen.tsx'
import { JobPanel } from '../parts/JobPanel.tsx'
import parts from '../parts/parts.module.css'
import { Waiting } from '../parts/Waiting.tsx'
import { startedRestore } from './find-restore.ts'
import { type Choice, PlanView } from './PlanView.tsx'
import { RestoreStepper } from './RestoreStepper.tsx'
import classes from './restore.module.css'

/** The first step of a restore: what it would do. Nothing is built before the person says so. */
export default function RestorePlanScreen({ tenantId }: { tenantId: string }) {
  const environment = useEnvironment()
  const [params, setView] = useViewState()
  const archive = params.get('archive') ?? ''
  const jobId = params.get('job')
  const target = { environmentId: environment.id, tenantId, archive }
  const plan = useOperation('backups.plan', jobId === null ? target : undefined, { staleTime: 0 })
  const prepare = useMutationOperation('backups.prepare', { isQuiet: true })
  const permission = usePermission('backups.prepare', environment)
  const [choice, setChoice] = useState<Choice>('migrate')
  const start = () =>
    prepare.mutate({ ...target, schemaChoice: choice }, { onSuccess: ({ jobId: job }) => setView({ job }) })
  const backTo = paths.tenant(environment.id, tenantId, 'backups')
  return (
    <Screen
      title={plan.data === undefined ? 'Restore' : `Restore ${plan.data.tenantName}`}
      layout="fill"
      back={
        <Tooltip label="All archives of the tenant">
          <ActionIcon component={Link} href={backTo} aria-label="All archives of the tenant">
            <IconArrowLeft size={18} />
          </ActionIcon>
        </Tooltip>
      }
    >
      <RestoreStepper step={jobId === null ? 'plan' : 'beside'} />
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
      <section className={parts.scroll} tabIndex={0} aria-label="Plan">
        <div className={parts.stack}>
          {prepare.error !== null && <ErrorPanel error={prepare.error} title="The restore could not be started" />}
          {jobId !== null ? (
            <Preparing tenantId={tenantId} archive={archive} jobId={jobId} />
          ) : plan.data === undefined ? (
            <Waiting query={plan} title="The restore could not be planned" rows={10} />
          ) : (
            <PlanView environment={environment} plan={plan.data} choice={choice} onChoice={setChoice} />
          )}
        </div>
      </section>
      {jobId === null && plan.data !== undefined && (
        <footer className={classes.footer} data-screen-footer>
          <Button component={Link} href={backTo} variant="default">
            Cancel
          </Button>
          <div>
            <Text size="sm" c="dimmed">
              The archive is restored into a schema of its own. Live is not touched.
            </Text>
            <Button
              onClick={start}
              loading={prepare.isPending}
              disabled={!permission.isAllowed}
              title={permission.reason}
            >
              Restore beside live
            </Button>
          </div>
        </footer>
      )}
    </Screen>
  )
}

interface PreparingProps {
  tenantId: string
  archive: string
  jobId: string
}

const POLL_MS = 1_000
const LOOKED_AT = 10

/** From its start until the restore has an id; from then on its own page shows it. */
function Preparing({ tenantId, archive, jobId }: PreparingProps) {
  const environment = useEnvironment()
  const [, navigate] = useLocation()
  const [, setView] = useViewState()
  const job = useJob(jobId)
  const restores = useOperation(
    'backups.restores',
    { environmentId: environment.id, tenantId, limit: LOOKED_AT },
    { pollMs: () => POLL_MS, staleTime: 0 },
  )
  const found = job === undefined ? undefined : startedRestore(job, restores.data ?? [], archive)?.id
  const goOn = useEffectEvent((restoreId: string) =>
    navigate(paths.restore(environment.id, tenantId, restoreId), { replace: true }),
  )
  useEffect(() => {
    if (found !== undefined) goOn(found)
  }, [found])
  if (job === undefined) return <Text c="dimmed">Starting…</Text>
  return (
    <>
      <JobPanel job={job} title="Restoring beside live" cancelNote="Live is not touched; what was built is removed." />
      {hasEndedWithout(job) && (
        <div>
          <Button variant="default" onClick={() => setView({ job: undefined })}>
            Back to the plan
          </Button>
        </div>
      )}
    </>
  )
}

const hasEndedWithout = (job: JobSnapshot): boolean => isJobOver(job.state) && job.state !== 'succeeded'
