import { Button, Drawer, Group, Select, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useRef, useState } from 'react'
import type { ArchiveDetail } from '#shared/contract/backup.model.ts'
import type { AppError } from '#shared/errors.ts'
import { useEnvironment, usePermission } from '../../../app/environment.tsx'
import { setTrayOpen } from '../../../app/jobs/job-store.ts'
import { useMutationOperation, useOperation } from '../../../client/hooks.ts'
import { EnvironmentBadge } from '../../../components/EnvironmentBadge.tsx'
import { ErrorPanel } from '../../../components/ErrorPanel.tsx'
import { FormFooter } from '../../../components/FormFooter.tsx'
import { serverFieldErrors } from '../../../lib/form-errors.ts'
import { useFocusBack } from '../../../lib/use-focus-back.ts'
import { slugOf } from '../../tenants/slug.ts'
import { type CloneTarget, type CloneValues, toCloneInput, validateClone } from './clone-form.ts'

/** An archive as a new tenant: here, or in another environment, with personal data masked where that is wanted. */
export function CloneDrawer({ archive, onClose }: { archive: ArchiveDetail; onClose: () => void }) {
  const here = useEnvironment()
  useFocusBack()
  const environments = useOperation('environments.list', {})
  const clone = useMutationOperation('backups.clone', { isQuiet: true })
  const [failure, setFailure] = useState<AppError>()
  const isSlugOwn = useRef(false)
  const source = { environmentId: here.id, archive: archive.archive }
  const targetOf = (id: string): CloneTarget => {
    const found = environments.data?.find(candidate => candidate.id === id) ?? here
    return { name: found.name, isProduction: found.class === 'production' }
  }
  const form = useForm<CloneValues>({
    initialValues: {
      environmentId: here.id,
      name: `${archive.tenantName} copy`,
      slug: slugOf(`${archive.slug}-copy`),
      adminEmail: '',
      schemaChoice: 'migrate',
      mask: here.class !== 'production',
      typed: '',
      reason: '',
    },
    validate: values => validateClone(values, source, targetOf(values.environmentId)),
    validateInputOnBlur: true,
  })
  const chosen = environments.data?.find(({ id }) => id === form.values.environmentId) ?? here
  const permission = usePermission('backups.clone', chosen)
  const name = form.getInputProps('name')
  const slug = form.getInputProps('slug')
  const submit = (values: CloneValues) => {
    setFailure(undefined)
    clone.mutate(toCloneInput(values, source, targetOf(values.environmentId)), {
      onSuccess: () => {
        setTrayOpen(true)
        onClose()
      },
      onError: error => {
        const fields = serverFieldErrors(error)
        form.setErrors(fields)
        setFailure(Object.keys(fields).length > 0 ? undefined : error)
      },
    })
  }
  const targets = (environments.data ?? [here]).filter(({ stores }) => stores.postgres !== undefined)
  return (
    <Drawer opened onClose={onClose} size={520} title="Clone as a new tenant" closeOnClickOutside={!form.isDirty()}>
      <form onSubmit={form.onSubmit(submit)} noValidate>
        <Stack gap={14}>
          {failure !== undefined && <ErrorPanel error={failure} title="The clone could not be started" />}
          <Text size="sm">
            The archive becomes a tenant of its own. {archive.tenantName} is neither read nor changed.
          </Text>
          <Select
            label="Environment"
            data={targets.map(({ id, name: label }) => ({ value: id, label }))}
            allowDeselect={false}
            rightSectionWidth={130}
            rightSectionPointerEvents="none"
            rightSection={<EnvironmentBadge value={chosen.class} />}
            {...form.getInputProps('environmentId')}
          />
          <TextInput
            label="Name"
            withAsterisk
            data-autofocus
            {...name}
            onChange={event => {
              name.onChange(event)
              if (!isSlugOwn.current) form.setFieldValue('slug', slugOf(event.currentTarget.value))
            }}
          />
          <TextInput
            label="Slug"
            withAsterisk
            description="Unique in the environment; it does not change later."
            classNames={{ input: 'mono' }}
            spellCheck={false}
            {...slug}
            onChange={event => {
              isSlugOwn.current = event.currentTarget.value !== ''
              slug.onChange(event)
            }}
          />
          <TextInput
            label="Administrator’s e-mail"
            type="email"
            withAsterisk={form.values.mask}
            description={form.values.mask ? 'Who gets the masked copy.' : 'As archived where this is empty.'}
            {...form.getInputProps('adminEmail')}
          />
          <Select
            label="Schema version"
            data={[
              { value: 'migrate', label: 'Migrate forward to the newest' },
              { value: 'as-archived', label: `Keep version ${archive.schemaVersion ?? 'of the archive'}` },
            ]}
            allowDeselect={false}
            {...form.getInputProps('schemaChoice')}
          />
          <Switch
            label="Mask personal data"
            description="Names, addresses, numbers and accounts are replaced while they are loaded."
            {...form.getInputProps('mask', { type: 'checkbox' })}
          />
          {chosen.class === 'production' && (
            <>
              <Textarea label="Reason" withAsterisk autosize minRows={2} {...form.getInputProps('reason')} />
              <TextInput
                label={`Type the name of the environment to confirm: ${chosen.name}`}
                autoComplete="off"
                {...form.getInputProps('typed')}
              />
            </>
          )}
        </Stack>
        <FormFooter>
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={clone.isPending} disabled={!permission.isAllowed} title={permission.reason}>
              Clone
            </Button>
          </Group>
        </FormFooter>
      </form>
    </Drawer>
  )
}
