import { Button } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useLocation } from 'wouter'
import { EnvironmentSettings } from '#shared/contract/environment.model.ts'
import type { InputOf } from '#shared/contract/index.ts'
import { paths } from '../../app/paths.ts'
import { useMutationOperation, useOperation } from '../../client/hooks.ts'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { serverFieldErrors, validate } from '../../lib/form-errors.ts'
import { notifyDone } from '../../lib/notify.tsx'
import { type EnvironmentFormValues, emptyEnvironment } from './environment-form.ts'
import classes from './environments.module.css'
import { GeneralFields } from './GeneralFields.tsx'
import { SecretStorage } from './SecretStorage.tsx'

const General = EnvironmentSettings.pick({ name: true, class: true, role: true })

/** What an import cannot find in variables: name, class, role, and where the passwords go. */
export function ImportForm({ source }: { source: InputOf<'environments.import'>['source'] }) {
  const [, navigate] = useLocation()
  const info = useOperation('app.info', {}, { staleTime: Number.POSITIVE_INFINITY })
  const keychain = info.data?.keychain ?? { available: false, reason: null }
  const run = useMutationOperation('environments.import', { isQuiet: true })
  const form = useForm<EnvironmentFormValues>({
    initialValues: emptyEnvironment(keychain.available ? 'keychain' : 'session'),
    validate: values => validate(General, values),
    validateInputOnBlur: true,
  })
  const submit = ({ name, class: environmentClass, role, secretStorage }: EnvironmentFormValues) =>
    run.mutate(
      { name, class: environmentClass, role, secretStorage, source },
      {
        onSuccess: environment => {
          notifyDone('Imported', environment.name)
          navigate(paths.tenants(environment.id))
        },
        onError: error => form.setErrors(serverFieldErrors(error)),
      },
    )
  const isFieldError = Object.keys(serverFieldErrors(run.error)).length > 0
  return (
    <form onSubmit={form.onSubmit(submit)} noValidate className={classes.formPage}>
      <GeneralFields form={form} />
      <SecretStorage
        keychain={keychain}
        value={form.values.secretStorage}
        onChange={value => form.setFieldValue('secretStorage', value)}
      />
      {run.error !== null && !isFieldError && <ErrorPanel error={run.error} title="The import failed" />}
      <div className={classes.bar}>
        <div style={{ flex: 1 }} />
        <Button type="submit" loading={run.isPending}>
          Import environment
        </Button>
      </div>
    </form>
  )
}
