import { Button, Divider, Group, SimpleGrid, Stack, Textarea, TextInput } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import { useEffect, useEffectEvent, useRef } from 'react'
import type { AppError } from '#shared/errors.ts'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { FormFooter } from '../../components/FormFooter.tsx'
import { OrganisationFields } from './OrganisationFields.tsx'
import { slugOf } from './slug.ts'
import type { TenantFormValues } from './tenant-form.ts'

interface CreateTenantFormProps {
  form: UseFormReturnType<TenantFormValues>
  onSubmit: (values: TenantFormValues) => void
  onCancel: () => void
  isSubmitting: boolean
  failure: AppError | undefined
}

export function CreateTenantForm({ form, onSubmit, onCancel, isSubmitting, failure }: CreateTenantFormProps) {
  // The slug follows the name until somebody writes one.
  const isSlugOwn = useRef(form.getValues().slug !== slugOf(form.getValues().name))
  // Back from a provisioning that failed for a value, the person goes on where it is wrong.
  const focusFirstError = useEffectEvent(() => {
    const [path] = Object.keys(form.errors)
    if (path !== undefined) form.getInputNode(path)?.focus()
  })
  useEffect(() => focusFirstError(), [])
  const name = form.getInputProps('name')
  const slug = form.getInputProps('slug')
  const onNameChange = (event: React.ChangeEvent<HTMLInputElement>) => {
    name.onChange(event)
    if (!isSlugOwn.current) form.setFieldValue('slug', slugOf(event.currentTarget.value))
  }
  const onSlugChange = (event: React.ChangeEvent<HTMLInputElement>) => {
    isSlugOwn.current = event.currentTarget.value !== ''
    slug.onChange(event)
  }
  return (
    <form onSubmit={form.onSubmit(onSubmit)} noValidate>
      <Stack gap={14}>
        {failure !== undefined && <ErrorPanel error={failure} title="The tenant could not be provisioned" />}
        <TextInput
          label="Name"
          withAsterisk
          data-autofocus
          placeholder="Acme Corporation"
          {...name}
          onChange={onNameChange}
        />
        <TextInput
          label="Slug"
          withAsterisk
          description="Unique in this environment; it becomes part of the schema’s name and does not change later."
          placeholder="acme-corporation"
          classNames={{ input: 'mono' }}
          spellCheck={false}
          {...slug}
          onChange={onSlugChange}
        />
        <Textarea label="Description" autosize minRows={2} maxRows={6} {...form.getInputProps('description')} />
        <Divider label="Administrator" labelPosition="left" mt={4} />
        <TextInput
          label="E-mail"
          withAsterisk
          type="email"
          description="Signs in with a one-time password that you see when the tenant is ready."
          placeholder="admin@acme.example"
          {...form.getInputProps('adminEmail')}
        />
        <SimpleGrid cols={2} spacing={12}>
          <TextInput label="First name" placeholder="Admin" {...form.getInputProps('adminFirstName')} />
          <TextInput label="Last name" placeholder="User" {...form.getInputProps('adminLastName')} />
        </SimpleGrid>
        <Divider label="Organisation" labelPosition="left" mt={4} />
        <OrganisationFields propsOf={field => form.getInputProps(`settings.${field}`)} />
      </Stack>
      <FormFooter>
        <Group justify="flex-end" gap={8}>
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={isSubmitting}>
            Provision tenant
          </Button>
        </Group>
      </FormFooter>
    </form>
  )
}
