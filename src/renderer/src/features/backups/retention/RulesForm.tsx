import { Button, Group, NumberInput, Text } from '@mantine/core'
import { useState } from 'react'
import type { RetentionPolicy } from '#shared/contract/backup.model.ts'
import { useEnvironment, usePermission } from '../../../app/environment.tsx'
import { useMutationOperation } from '../../../client/hooks.ts'
import { ConfirmDialog } from '../../../components/ConfirmDialog.tsx'
import { notifyDone } from '../../../lib/notify.tsx'
import parts from '../parts/parts.module.css'
import { useConfirmation } from '../parts/use-confirmation.ts'
import classes from './retention.module.css'
import { isSame, policyOf, policyWords, RULES, type RuleValues, validateRules } from './retention-form.ts'

interface RulesFormProps {
  saved: RetentionPolicy
  values: RuleValues
  onChange: (values: RuleValues) => void
}

/** The rules; what any of them keeps is kept. */
export function RulesForm({ saved, values, onChange }: RulesFormProps) {
  const environment = useEnvironment()
  const confirmation = useConfirmation()
  const permission = usePermission('backups.setRetention', environment)
  const set = useMutationOperation('backups.setRetention', { isQuiet: confirmation.isProduction })
  const [isAsking, setAsking] = useState(false)
  const errors = validateRules(values)
  const policy = policyOf(values)
  const canSave = policy !== undefined && !isSame(saved, values) && permission.isAllowed
  const done = () => {
    setAsking(false)
    notifyDone('The rules are saved')
  }
  const save = (event: React.FormEvent) => {
    event.preventDefault()
    if (!canSave) return
    if (confirmation.isProduction) setAsking(true)
    else set.mutate({ environmentId: environment.id, policy }, { onSuccess: done })
  }
  return (
    <section className={parts.panel} aria-labelledby="retention-rules">
      <div className={parts.head}>
        <h2 id="retention-rules">Rules</h2>
      </div>
      <Text size="sm" mb={14}>
        An archive that any rule keeps is kept. The last good archive of a tenant is never deleted, whatever the rules
        say.
      </Text>
      <form onSubmit={save} noValidate>
        <div className={classes.rules}>
          {RULES.map(({ name, label, unit, min, max }) => (
            <NumberInput
              key={name}
              label={label}
              suffix={` ${unit}`}
              min={min}
              max={max}
              allowDecimal={false}
              clampBehavior="none"
              disabled={!permission.isAllowed}
              value={values[name]}
              error={errors[name] === undefined ? undefined : `${min} to ${max.toLocaleString('en')}`}
              onChange={value => onChange({ ...values, [name]: value })}
            />
          ))}
        </div>
        <Group gap={8} mt={16}>
          <Button type="submit" disabled={!canSave} loading={set.isPending} title={permission.reason}>
            Save the rules
          </Button>
          <Button variant="default" disabled={isSame(saved, values)} onClick={() => onChange(saved)}>
            Reset
          </Button>
        </Group>
      </form>
      {isAsking && policy !== undefined && (
        <ConfirmDialog
          title="Change the retention rules"
          actionLabel="Save the rules"
          expected={environment.name}
          expectedName="name of the environment"
          reason={confirmation.reason}
          reasonNote="Kept in the audit log."
          isRunning={set.isPending}
          error={set.error}
          onClose={() => setAsking(false)}
          onConfirm={confirmed =>
            set.mutate(
              { environmentId: environment.id, policy, confirmation: confirmation.of(confirmed) },
              { onSuccess: done },
            )
          }
        >
          <Text size="sm">From now on a clean-up keeps only archives that are {policyWords(policy)}.</Text>
        </ConfirmDialog>
      )}
    </section>
  )
}
