import { Button, Group, Stack, Text } from '@mantine/core'
import { useEffect, useEffectEvent } from 'react'
import { Link } from 'wouter'
import { contracts } from '#shared/contract/index.ts'
import { isJobOver, type JobSnapshot } from '#shared/contract/jobs.ts'
import { AppError } from '#shared/errors.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { JobSteps } from '../../app/jobs/JobSteps.tsx'
import { holdNotification, setTrayOpen } from '../../app/jobs/job-store.ts'
import { useJob } from '../../app/jobs/use-job.ts'
import { paths } from '../../app/paths.ts'
import { useMutationOperation } from '../../client/hooks.ts'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { FormFooter } from '../../components/FormFooter.tsx'
import { serverFieldErrors } from '../../lib/form-errors.ts'
import { OneTimePassword } from './OneTimePassword.tsx'

interface ProvisioningViewProps {
  jobId: string
  tenantName: string
  onClose: () => void
  /** The job failed because of a value in the form. */
  onFieldFailure: (job: JobSnapshot) => void
}

/** A tenant being built: its steps as they happen, and at the end the administrator's password. */
export function ProvisioningView({ jobId, tenantName, onClose, onFieldFailure }: ProvisioningViewProps) {
  const job = useJob(jobId)
  const cancel = useMutationOperation('jobs.cancel')
  useEffect(() => holdNotification(jobId), [jobId])
  const backToForm = useEffectEvent(onFieldFailure)
  const isFieldFailure = job?.error != null && Object.keys(serverFieldErrors(AppError.fromData(job.error))).length > 0
  useEffect(() => {
    if (job !== undefined && isFieldFailure) backToForm(job)
  }, [job, isFieldFailure])
  if (job === undefined || isFieldFailure) return <Text c="dimmed">Starting…</Text>
  const isOver = isJobOver(job.state)
  const toBackground = () => {
    setTrayOpen(true)
    onClose()
  }
  return (
    <Stack gap={16}>
      <Text size="sm" c="dimmed" role="status">
        {sentenceOf(job, tenantName)}
      </Text>
      <JobSteps job={job} />
      {job.error !== null && job.state !== 'cancelled' && (
        <ErrorPanel error={AppError.fromData(job.error)} title="The tenant could not be provisioned" />
      )}
      <Outcome job={job} onClose={onClose} />
      {!isOver && (
        <FormFooter>
          <Group justify="space-between">
            <Button
              variant="subtle"
              color="gray"
              loading={job.state === 'cancelling'}
              onClick={() => cancel.mutate({ jobId })}
            >
              Cancel provisioning
            </Button>
            <Button variant="default" onClick={toBackground}>
              Continue in the background
            </Button>
          </Group>
        </FormFooter>
      )}
    </Stack>
  )
}

function sentenceOf(job: JobSnapshot, name: string): string {
  if (job.state === 'succeeded') return `${name} is ready.`
  if (job.state === 'cancelled') return 'Provisioning was cancelled. The list shows what is left, to clean up or retry.'
  if (job.state === 'failed')
    return 'Nothing half-done is left in the database; the list shows the tenant as failed, to provision it again or clean it up.'
  return 'Everything happens in one transaction: the tenant will exist as a whole or not at all.'
}

function Outcome({ job, onClose }: { job: JobSnapshot; onClose: () => void }) {
  const environment = useEnvironment()
  if (!isJobOver(job.state)) return null
  const report = contracts.tenants.create.output.safeParse(job.result).data
  return (
    <>
      {report !== undefined && (
        <OneTimePassword ticket={report.passwordTicket} email={report.adminEmail} tenantName={report.tenant.name} />
      )}
      <FormFooter>
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onClose}>
            Close
          </Button>
          {report !== undefined && (
            <Button component={Link} href={paths.tenant(environment.id, report.tenant.id)}>
              Open the tenant
            </Button>
          )}
        </Group>
      </FormFooter>
    </>
  )
}
