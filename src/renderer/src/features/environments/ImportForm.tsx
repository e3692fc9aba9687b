import { Button, Group, Stack } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { Environment } from '#shared/contract/environment.model.ts'
import type { OutputOf } from '#shared/contract/index.ts'
import type { AppError } from '#shared/errors.ts'
import type { EnvironmentClass } from '#shared/permissions.ts'
import { usePermission } from '../../app/environment.tsx'
import { paths } from '../../app/paths.ts'
import { useMutationOperation } from '../../client/hooks.ts'
import { invalidateAfter } from '../../client/query-client.ts'
import { PageFooter } from '../../components/PageFooter.tsx'
import { serverFieldErrors } from '../../lib/form-errors.ts'
import { notifyDone } from '../../lib/notify.tsx'
import type { ImportSource } from './env-source.ts'
import { type GeneralValues, newGeneral, validateGeneral } from './environment-form.ts'
import { focusField } from './focus-field.ts'
import { GeneralFields } from './GeneralFields.tsx'
import classes from './import.module.css'
import { SaveFailure } from './SaveFailure.tsx'
import { SecretStorageFields } from './SecretStorageFields.tsx'

interface ImportFormProps {
  source: ImportSource
  /** What the name of the file says; empty where it says nothing. */
  suggestedClass: EnvironmentClass | ''
  keychain: OutputOf<'app.info'>['keychain']
}

/** What variables do not say: name, class, role, and where the secrets go. */
export function ImportForm({ source, suggestedClass, keychain }: ImportFormProps) {
  const [, navigate] = useLocation()
  const permission = usePermission('environments.import', undefined)
  const run = useMutationOperation('environments.import', { isQuiet: true })
  const [failure, setFailure] = useState<AppError>()
  const form = useForm<GeneralValues>({
    initialValues: { ...newGeneral(keychain.available ? 'keychain' : 'session'), class: suggestedClass },
    validate: validateGeneral,
    validateInputOnBlur: true,
  })
  const done = async (environment: Environment) => {
    notifyDone(`${environment.name} was imported`)
    // The environment's own screens know it by the list, which has to hold it before they open.
    await invalidateAfter('environments.import')
    navigate(paths.tenants(environment.id))
  }
  const fail = (error: AppError) => {
    const fields = serverFieldErrors(error, 'settings.')
    form.setErrors(fields)
    setFailure(Object.keys(fields).some(field => field in form.getValues()) ? undefined : error)
    focusField(Object.keys(fields))
  }
  const submit = ({ class: environmentClass, ...values }: GeneralValues) => {
    setFailure(undefined)
    run.mutate(
      { ...values, class: environmentClass as EnvironmentClass, source },
      { onSuccess: environment => void done(environment), onError: fail },
    )
  }
  return (
    <form
      onSubmit={form.onSubmit(submit, errors => focusField(Object.keys(errors)))}
      noValidate
      className={classes.form}
    >
      <section className={classes.section} aria-label="General">
        <div className={classes.body}>
          <GeneralFields propsOf={field => form.getInputProps(field)} />
        </div>
      </section>
      <section className={classes.section} aria-label="Secrets">
        <div className={classes.body}>
          <SecretStorageFields
            keychain={keychain}
            value={form.getValues().secretStorage}
            onChange={value => form.setFieldValue('secretStorage', value)}
          />
        </div>
      </section>
      <PageFooter>
        <Stack gap={10}>
          {failure !== undefined && (
            <SaveFailure
              title="The environment could not be imported"
              error={failure}
              canKeepForSession={form.getValues().secretStorage === 'keychain'}
              onKeepForSession={() => {
                form.setFieldValue('secretStorage', 'session')
                submit({ ...form.getValues(), secretStorage: 'session' })
              }}
            />
          )}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={() => navigate(paths.environments)}>
              Cancel
            </Button>
            <Button type="submit" loading={run.isPending} disabled={!permission.isAllowed} title={permission.reason}>
              Import environment
            </Button>
          </Group>
        </Stack>
      </PageFooter>
    </form>
  )
}
