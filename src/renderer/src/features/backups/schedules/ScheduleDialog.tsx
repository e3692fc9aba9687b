import { Group, NumberInput, SegmentedControl, Switch, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { Schedule } from '#shared/contract/schedules.ts'
import { useEnvironment } from '../../../app/environment.tsx'
import { useMutationOperation } from '../../../client/hooks.ts'
import { ConfirmDialog } from '../../../components/ConfirmDialog.tsx'
import { serverFieldErrors } from '../../../lib/form-errors.ts'
import { useConfirmation } from '../parts/use-confirmation.ts'
import { readCron } from './cron-words.ts'
import { KIND_WORDS } from './schedule-words.ts'

interface ScheduleDialogProps {
  schedule: Schedule
  /** As the switch was left: in production it asks here. */
  isEnabled: boolean
  onClose: () => void
}

/** When a schedule runs, and what its run is given. */
export function ScheduleDialog({ schedule, isEnabled: asked, onClose }: ScheduleDialogProps) {
  const environment = useEnvironment()
  const confirmation = useConfirmation()
  const set = useMutationOperation('schedules.set', { isQuiet: true })
  const [cron, setCron] = useState(schedule.cron)
  const [isEnabled, setEnabled] = useState(asked)
  const [options, setOptions] = useState(schedule.options)
  const reading = readCron(cron)
  const fields = serverFieldErrors(set.error)
  return (
    <ConfirmDialog
      title={KIND_WORDS[schedule.kind].title}
      actionLabel="Save"
      expected={confirmation.isProduction ? environment.name : undefined}
      expectedName="name of the environment"
      reason={confirmation.reason}
      reasonNote="Kept in the audit log."
      isBlocked={!reading.isSound}
      isRunning={set.isPending}
      error={Object.keys(fields).length > 0 && fields.reason === undefined ? null : set.error}
      onClose={onClose}
      onConfirm={confirmed =>
        set.mutate(
          {
            environmentId: environment.id,
            kind: schedule.kind,
            cron: cron.trim(),
            isEnabled,
            options,
            ...(confirmation.isProduction ? { confirmation: confirmation.of(confirmed) } : {}),
          },
          { onSuccess: onClose },
        )
      }
    >
      <Switch label="Runs by itself" checked={isEnabled} onChange={event => setEnabled(event.currentTarget.checked)} />
      <div>
        <TextInput
          label="When, as a cron expression in UTC"
          description="Minute, hour, day of the month, month, day of the week; for example 0 2 * * *"
          classNames={{ input: 'mono' }}
          spellCheck={false}
          value={cron}
          error={reading.isSound ? fields.cron : 'Five fields, for example 0 2 * * *'}
          onChange={event => setCron(event.currentTarget.value)}
        />
        <Group gap={6} mt={6} role="status">
          <Text size="sm" fw={550}>
            {reading.isSound
              ? (reading.words ?? 'There is no plain reading of this; the next run is shown once it is saved.')
              : ''}
          </Text>
        </Group>
      </div>
      <Options kind={schedule.kind} options={options} onChange={setOptions} />
    </ConfirmDialog>
  )
}

interface OptionsProps {
  kind: Schedule['kind']
  options: Schedule['options']
  onChange: (options: Schedule['options']) => void
}

const NUMBERS: Partial<Record<Schedule['kind'], { name: string; label: string; usual: number; max: number }>> = {
  fleet: { name: 'workers', label: 'Tenants backed up at the same time', usual: 2, max: 8 },
  drill: { name: 'tenants', label: 'Tenants in the sample', usual: 3, max: 100 },
}

/** What the run is given, where there is something to choose. */
function Options({ kind, options, onChange }: OptionsProps) {
  const number = NUMBERS[kind]
  if (number !== undefined) {
    const value = options[number.name]
    return (
      <NumberInput
        label={number.label}
        w={260}
        min={1}
        max={number.max}
        allowDecimal={false}
        clampBehavior="strict"
        value={typeof value === 'number' ? value : number.usual}
        onChange={next => {
          if (typeof next === 'number') onChange({ ...options, [number.name]: next })
        }}
      />
    )
  }
  if (kind === 'full') {
    return (
      <SegmentedControl
        aria-label="Format of the dump"
        value={options.format === 'sql.gz' ? 'sql.gz' : 'custom'}
        onChange={format => onChange({ ...options, format })}
        data={[
          { value: 'custom', label: 'Custom format' },
          { value: 'sql.gz', label: 'SQL text, gzip' },
        ]}
      />
    )
  }
  return (
    <Text size="sm" c="dimmed">
      It follows the saved rules under Retention.
    </Text>
  )
}
