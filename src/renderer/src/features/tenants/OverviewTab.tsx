import { Button, Group, SimpleGrid, Stack, Textarea, TextInput, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { operations } from '#shared/contract/index.ts'
import type { TenantListRow } from '#shared/contract/tenant.model.ts'
import type { AppError } from '#shared/errors.ts'
import { useEnvironment, usePermission } from '../../app/environment.tsx'
import { useMutationOperation } from '../../client/hooks.ts'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { Notice } from '../../components/Notice.tsx'
import { serverFieldErrors, validate } from '../../lib/form-errors.ts'
import { notifyDone } from '../../lib/notify.tsx'
import { OrganisationFields } from './OrganisationFields.tsx'
import { OtherSettings } from './OtherSettings.tsx'
import { type OverviewValues, overviewOf, toUpdate } from './overview-form.ts'
import classes from './tenant-screen.module.css'

const SCHEMA = operations.get('tenants.update')?.input

/** Name, administrator, description and settings of a tenant, to read and to change. */
export default function OverviewTab({ tenant }: { tenant: TenantListRow }) {
  const environment = useEnvironment()
  const permission = usePermission('tenants.update', environment)
  const update = useMutationOperation('tenants.update', { isQuiet: true })
  const [failure, setFailure] = useState<AppError>()
  const target = { environmentId: environment.id, tenantId: tenant.id }
  const form = useForm<OverviewValues>({
    initialValues: overviewOf(tenant),
    validateInputOnBlur: true,
    validate: values => (SCHEMA === undefined ? {} : validate(SCHEMA, { ...target, ...toUpdate(tenant, values) })),
  })
  const save = (values: OverviewValues) => {
    setFailure(undefined)
    update.mutate(
      { ...target, ...toUpdate(tenant, values) },
      {
        onSuccess: () => {
          form.resetDirty(values)
          notifyDone('Saved')
        },
        onError: error => {
          const fields = serverFieldErrors(error)
          form.setErrors(fields)
          if (Object.keys(fields).length === 0) setFailure(error)
        },
      },
    )
  }
  const isLocked = !permission.isAllowed
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section className={classes.scroll} tabIndex={0} aria-label="Overview">
      <form onSubmit={form.onSubmit(save)} noValidate className={classes.form}>
        <fieldset disabled={isLocked} className={classes.fields}>
          <Stack gap={14}>
            {permission.reason !== undefined && <Notice meaning="info">Only to read. {permission.reason}</Notice>}
            {failure !== undefined && <ErrorPanel error={failure} title="The changes could not be saved" />}
            <SimpleGrid cols={2} spacing={12}>
              <TextInput label="Name" withAsterisk {...form.getInputProps('name')} />
              <TextInput label="Administrator’s e-mail" withAsterisk {...form.getInputProps('adminEmail')} />
            </SimpleGrid>
            <Textarea label="Description" autosize minRows={2} maxRows={8} {...form.getInputProps('description')} />
            <Title order={2} mt={6}>
              Organisation
            </Title>
            <OrganisationFields propsOf={field => form.getInputProps(`settings.${field}`)} />
            <OtherSettings settings={tenant.settings} />
            {!isLocked && (
              <Group gap={8} mt={4}>
                <Button type="submit" loading={update.isPending} disabled={!form.isDirty()}>
                  Save changes
                </Button>
                {form.isDirty() && (
                  <Button variant="default" onClick={form.reset}>
                    Discard
                  </Button>
                )}
              </Group>
            )}
          </Stack>
        </fieldset>
      </form>
    </section>
  )
}
