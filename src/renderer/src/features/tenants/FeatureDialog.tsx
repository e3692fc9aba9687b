import { Button, Group, JsonInput, Modal, Stack, Switch, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { z } from 'zod'
import { FeatureName, type TenantFeature } from '#shared/contract/features.ts'
import { useMutationOperation } from '../../client/hooks.ts'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { type FieldMessages, serverFieldErrors, validate } from '../../lib/form-errors.ts'
import { useFocusBack } from '../../lib/use-focus-back.ts'

interface FeatureDialogProps {
  target: { environmentId: string; tenantId: string }
  /** Undefined for a new one. */
  feature: TenantFeature | undefined
  onClose: () => void
}

interface Values {
  feature: string
  enabled: boolean
  config: string
}

const Config = z.record(z.string(), z.json())

function configOf(text: string): z.infer<typeof Config> | undefined {
  try {
    return Config.safeParse(JSON.parse(text.trim() === '' ? '{}' : text)).data
  } catch {
    return undefined
  }
}

function check(values: Values): FieldMessages {
  const config: FieldMessages =
    configOf(values.config) === undefined ? { config: 'A JSON object, for example {"limit": 5}' } : {}
  return { ...validate(z.object({ feature: FeatureName }), values), ...config }
}

export default function FeatureDialog({ target, feature, onClose }: FeatureDialogProps) {
  useFocusBack()
  const set = useMutationOperation('features.set', { isQuiet: true })
  const form = useForm<Values>({
    initialValues: {
      feature: feature?.feature ?? '',
      enabled: feature?.enabled ?? true,
      config: JSON.stringify(feature?.config ?? {}, null, 2),
    },
    validate: check,
    validateInputOnBlur: true,
  })
  const save = (values: Values) => {
    const config = configOf(values.config)
    if (config === undefined) return
    set.mutate(
      { ...target, feature: values.feature, enabled: values.enabled, config },
      { onSuccess: onClose, onError: error => form.setErrors(serverFieldErrors(error)) },
    )
  }
  const isFieldError = Object.keys(serverFieldErrors(set.error)).length > 0
  return (
    <Modal opened onClose={onClose} size={520} title={feature === undefined ? 'Add a feature' : feature.feature}>
      <form onSubmit={form.onSubmit(save)} noValidate>
        <Stack gap={14}>
          {feature === undefined && (
            <TextInput
              label="Name"
              withAsterisk
              data-autofocus
              placeholder="payroll.bonus"
              classNames={{ input: 'mono' }}
              {...form.getInputProps('feature')}
            />
          )}
          <Switch
            label="Switched on"
            data-autofocus={feature !== undefined || undefined}
            {...form.getInputProps('enabled', { type: 'checkbox' })}
          />
          <JsonInput
            label="Configuration"
            description="A JSON object; it replaces the present one."
            autosize
            minRows={5}
            maxRows={16}
            formatOnBlur
            classNames={{ input: 'mono' }}
            {...form.getInputProps('config')}
          />
          {set.error !== null && !isFieldError && <ErrorPanel error={set.error} />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={set.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
