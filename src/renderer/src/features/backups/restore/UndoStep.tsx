import { Button, Stack } from '@mantine/core'
import { useState } from 'react'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import type { Restore } from '#shared/contract/restore.model.ts'
import { AppError } from '#shared/errors.ts'
import { useEnvironment, usePermission } from '../../../app/environment.tsx'
import { useViewState } from '../../../app/view-state.ts'
import { useMutationOperation, useOperation } from '../../../client/hooks.ts'
import { ErrorPanel } from '../../../components/ErrorPanel.tsx'
import { Notice } from '../../../components/Notice.tsx'
import { ComparisonTable } from '../compare/ComparisonTable.tsx'
import { KEPT_AND_LIVE } from '../compare/side-words.ts'
import { DangerButton } from '../parts/DangerButton.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { HoldFields } from './HoldFields.tsx'
import { isWithin, LIMITS, toHold, USUAL_HOLD } from './hold-words.ts'
import { LossPanel } from './LossPanel.tsx'
import { lossSentence } from './loss-words.ts'
import classes from './restore.module.css'
import { StepBody } from './StepBody.tsx'
import { isConfirmed, type Typed, TypedFields } from './TypedFields.tsx'

interface UndoStepProps {
  restore: Restore
  job: JobSnapshot | undefined
  identity: React.ReactNode
}

/** Before a restore is undone: what comes back, and what leaves with what was restored. */
export function UndoStep({ restore, job, identity }: UndoStepProps) {
  const environment = useEnvironment()
  const [, setView] = useViewState()
  const isProduction = environment.class === 'production'
  const target = { environmentId: environment.id, tenantId: restore.tenantId, restoreId: restore.id }
  const plan = useOperation('backups.undoPlan', target, { staleTime: 0 })
  const undo = useMutationOperation('backups.undo', { isQuiet: true })
  const permission = usePermission('backups.undo', environment)
  const [hold, setHold] = useState(USUAL_HOLD)
  const [typed, setTyped] = useState<Typed>({ slug: '', reason: '' })
  const token = plan.data?.canUndo === true ? plan.data.token : null
  const isReady =
    token !== null &&
    permission.isAllowed &&
    isConfirmed(typed, restore.slug, isProduction) &&
    isWithin(hold.lockTimeout, LIMITS.lockTimeout) &&
    isWithin(hold.limit, LIMITS.limit)
  const start = () => {
    if (!isReady) return
    const reason = typed.reason.trim()
    const starting = undo.mutateAsync({
      ...target,
      token,
      ...toHold(hold),
      confirmation: { typed: typed.slug, ...(reason === '' ? {} : { reason }) },
    })
    // The job may be seen, and this step be gone, before the answer to its start.
    starting.then(
      () => setView({ step: undefined }),
      () => undefined,
    )
  }
  const failed = job?.operation === 'backups.undo' && job.error !== null ? AppError.fromData(job.error) : undefined
  return (
    <StepBody
      label="Undo"
      identity={identity}
      left={
        <DangerButton disabled={!isReady} loading={undo.isPending} onClick={start}>
          Undo the restore now
        </DangerButton>
      }
      right={<Button onClick={() => setView({ step: undefined })}>Keep it restored</Button>}
    >
      {failed !== undefined && <ErrorPanel error={failed} title="It was not undone, and live is unchanged" />}
      {plan.data === undefined ? (
        <Waiting query={plan} title="The undo could not be planned" />
      ) : plan.data.canUndo ? (
        <>
          <LossPanel sentence={lossSentence(plan.data.comparison, { coming: 'the kept schema', going: 'live' })}>
            {lossSentence(plan.data.comparison, { coming: 'the kept schema', going: 'live' }).gain} The kept schema{' '}
            <span className="mono">{restore.keptSchema}</span> becomes live again; what is live now is kept in its
            place.
          </LossPanel>
          {undo.error !== null && <ErrorPanel error={undo.error} title="The undo could not be started" />}
          <ComparisonTable tables={plan.data.comparison} sides={KEPT_AND_LIVE} />
          <Stack gap={18} className={classes.form ?? ''}>
            <HoldFields values={hold} onChange={setHold} />
            <TypedFields slug={restore.slug} isProduction={isProduction} typed={typed} onChange={setTyped} />
          </Stack>
        </>
      ) : (
        <Notice meaning="bad">{plan.data.problem ?? 'This restore cannot be undone.'}</Notice>
      )}
    </StepBody>
  )
}
