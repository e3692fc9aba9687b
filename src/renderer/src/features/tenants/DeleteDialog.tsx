import { Checkbox } from '@mantine/core'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { OutputOf } from '#shared/contract/index.ts'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { setTrayOpen } from '../../app/jobs/job-store.ts'
import { paths } from '../../app/paths.ts'
import { useMutationOperation, useOperation } from '../../client/hooks.ts'
import { ConfirmDialog } from '../../components/ConfirmDialog.tsx'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { Notice } from '../../components/Notice.tsx'
import { SkeletonRows } from '../../components/SkeletonRows.tsx'
import { Timestamp } from '../../components/Timestamp.tsx'
import { formatBytes, formatEstimate, formatPlural } from '../../lib/format.ts'

type Plan = OutputOf<'tenants.deletionPlan'>

/** Deletes a tenant for good: shows what will be lost and whether a backup would bring it back, then asks for the slug. */
export function DeleteDialog({ tenant, onClose }: { tenant: TenantRow; onClose: () => void }) {
  const environment = useEnvironment()
  const [, navigate] = useLocation()
  const target = { environmentId: environment.id, tenantId: tenant.id }
  const plan = useOperation('tenants.deletionPlan', target, { staleTime: 0 })
  const remove = useMutationOperation('tenants.delete', { isQuiet: true })
  const [withoutBackup, setWithoutBackup] = useState(false)
  const started = () => {
    setTrayOpen(true)
    onClose()
    navigate(paths.tenants(environment.id))
  }
  return (
    <ConfirmDialog
      title={`Delete ${tenant.name} for good`}
      actionLabel="Delete for good"
      keepLabel="Keep the tenant"
      isDestructive
      expected={tenant.slug}
      expectedName="slug"
      reason={environment.class === 'production' ? 'required' : 'optional'}
      isBlocked={plan.data === undefined || !(plan.data.backupIsRecent || withoutBackup)}
      isRunning={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={({ typed, reason }) =>
        remove.mutate(
          { ...target, withoutBackup, confirmation: { typed, ...(reason === '' ? {} : { reason }) } },
          { onSuccess: started },
        )
      }
    >
      {plan.data === undefined ? (
        plan.error === null ? (
          <SkeletonRows rows={3} columns={2} />
        ) : (
          <ErrorPanel
            error={plan.error}
            title="What would be lost could not be found out"
            onRetry={() => void plan.refetch()}
          />
        )
      ) : (
        <>
          <Loss plan={plan.data} />
          <BackupState plan={plan.data} />
          {!plan.data.backupIsRecent && (
            <Checkbox
              label="Delete it although there is no recent backup"
              checked={withoutBackup}
              onChange={event => setWithoutBackup(event.currentTarget.checked)}
            />
          )}
        </>
      )}
    </ConfirmDialog>
  )
}

function Loss({ plan }: { plan: Plan }) {
  const employees = plan.employees === null ? '' : `${formatPlural(plan.employees, 'employee')}, `
  return (
    <Notice meaning="bad">
      <strong>
        {employees}
        {formatPlural(plan.tables, 'table')} with about {formatEstimate(plan.rowsEstimate)} rows (
        {formatBytes(plan.sizeBytes)}) will be lost.
      </strong>{' '}
      The schema <span className="mono">{plan.databaseSchema}</span> is dropped; nothing in Tenantry can undo it.
    </Notice>
  )
}

function BackupState({ plan }: { plan: Plan }) {
  if (plan.backupIsRecent) {
    return (
      <Notice meaning="info">
        The latest backup is from <Timestamp value={plan.latestBackupAt} />: <Key value={plan.latestBackupKey} />
      </Notice>
    )
  }
  return (
    <Notice meaning="warn">
      {plan.backupProblem !== null && <>Backups could not be looked at: {plan.backupProblem} </>}
      {plan.backupProblem === null && plan.latestBackupAt === null && 'There is no backup of this tenant.'}
      {plan.latestBackupAt !== null && (
        <>
          The latest backup is from <Timestamp value={plan.latestBackupAt} />, which is more than a day ago:{' '}
          <Key value={plan.latestBackupKey} />
        </>
      )}
    </Notice>
  )
}

const Key = ({ value }: { value: string | null }) => (
  <span className="mono" style={{ overflowWrap: 'anywhere' }}>
    {value}
  </span>
)
