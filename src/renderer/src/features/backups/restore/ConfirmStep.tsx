import { Button, Stack } from '@mantine/core'
import { useState } from 'react'
import type { Restore } from '#shared/contract/restore.model.ts'
import { useEnvironment, usePermission } from '../../../app/environment.tsx'
import { useViewState } from '../../../app/view-state.ts'
import { useMutationOperation } from '../../../client/hooks.ts'
import { ErrorPanel } from '../../../components/ErrorPanel.tsx'
import { Timestamp } from '../../../components/Timestamp.tsx'
import { DangerButton } from '../parts/DangerButton.tsx'
import { HoldFields } from './HoldFields.tsx'
import { isWithin, LIMITS, toHold, USUAL_HOLD } from './hold-words.ts'
import { LossPanel } from './LossPanel.tsx'
import { lossSentence } from './loss-words.ts'
import classes from './restore.module.css'
import { StepBody } from './StepBody.tsx'
import { isConfirmed, type Typed, TypedFields } from './TypedFields.tsx'

const USUAL_DAYS = 7

/** The last question before live is exchanged: what exactly will be lost, and how writers are held off. */
export function ConfirmStep({ restore, identity }: { restore: Restore; identity: React.ReactNode }) {
  const environment = useEnvironment()
  const [, setView] = useViewState()
  const isProduction = environment.class === 'production'
  const swap = useMutationOperation('backups.restore', { isQuiet: true })
  const permission = usePermission('backups.restore', environment)
  const [hold, setHold] = useState(USUAL_HOLD)
  const [keepDays, setKeepDays] = useState(USUAL_DAYS)
  const [typed, setTyped] = useState<Typed>({ slug: '', reason: '' })
  const sentence = lossSentence(restore.comparison ?? [], { coming: 'the archive', going: 'live' })
  const { token } = restore
  const isReady =
    token !== null &&
    permission.isAllowed &&
    isConfirmed(typed, restore.slug, isProduction) &&
    isWithin(hold.lockTimeout, LIMITS.lockTimeout) &&
    isWithin(hold.limit, LIMITS.limit) &&
    isWithin(keepDays, LIMITS.keepDays)
  const start = () => {
    if (!isReady) return
    const reason = typed.reason.trim()
    const starting = swap.mutateAsync({
      environmentId: environment.id,
      tenantId: restore.tenantId,
      restoreId: restore.id,
      token,
      ...toHold(hold),
      keepDays,
      confirmation: { typed: typed.slug, ...(reason === '' ? {} : { reason }) },
    })
    // The job may be seen, and this step be gone, before the answer to its start.
    starting.then(
      () => setView({ step: undefined }),
      () => undefined,
    )
  }
  return (
    <StepBody
      label="Confirm"
      identity={identity}
      left={
        <DangerButton disabled={!isReady} loading={swap.isPending} title={permission.reason} onClick={start}>
          Swap {restore.slug} now
        </DangerButton>
      }
      right={<Button onClick={() => setView({ step: undefined })}>Back to the comparison</Button>}
    >
      <LossPanel sentence={sentence}>
        {sentence.gain} Compared <Timestamp value={restore.comparedAt} />; if live changes meanwhile, you are asked
        again. What is live now is kept for {keepDays} {keepDays === 1 ? 'day' : 'days'}, and the restore can be undone
        until then.
      </LossPanel>
      {swap.error !== null && <ErrorPanel error={swap.error} title="The swap could not be started" />}
      <Stack gap={18} className={classes.form ?? ''}>
        <HoldFields values={hold} onChange={setHold} keepDays={{ value: keepDays, onChange: setKeepDays }} />
        <TypedFields slug={restore.slug} isProduction={isProduction} typed={typed} onChange={setTyped} />
      </Stack>
    </StepBody>
  )
}
