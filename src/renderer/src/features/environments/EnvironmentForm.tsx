import { ActionIcon, Button, Tooltip } from '@mantine/core'
import { useForm } from '@mantine/form'
import { IconArrowLeft, IconPlugConnected } from '@tabler/icons-react'
import { useState } from 'react'
import { Link, useLocation } from 'wouter'
import type { Environment } from '#shared/contract/environment.model.ts'
import type { OutputOf } from '#shared/contract/index.ts'
import type { AppError } from '#shared/errors.ts'
import { usePermission } from '../../app/environment.tsx'
import { paths } from '../../app/paths.ts'
import { useMutationOperation } from '../../client/hooks.ts'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { Screen } from '../../components/Screen.tsx'
import { serverFieldErrors } from '../../lib/form-errors.ts'
import { notifyDone } from '../../lib/notify.tsx'
import { BackupFields } from './BackupFields.tsx'
import { formErrors, validateEnvironment } from './environment-errors.ts'
import { type EnvironmentFormValues, emptyEnvironment, formOf, toSecrets, toSettings } from './environment-form.ts'
import classes from './environments.module.css'
import { GeneralFields } from './GeneralFields.tsx'
import { MongoFields } from './MongoFields.tsx'
import { PostgresFields } from './PostgresFields.tsx'
import { RedisFields } from './RedisFields.tsx'
import { SecretStorage } from './SecretStorage.tsx'
import { useStoreTests } from './use-store-tests.ts'

interface EnvironmentFormProps {
  keychain: OutputOf<'app.info'>['keychain']
  /** Undefined for a new one. */
  environment: Environment | undefined
}

export function EnvironmentForm({ keychain, environment }: EnvironmentFormProps) {
  const [, navigate] = useLocation()
  const create = useMutationOperation('environments.create', { isQuiet: true })
  const update = useMutationOperation('environments.update', { isQuiet: true })
  const permission = usePermission('environments.update', undefined)
  const [failure, setFailure] = useState<AppError>()
  const form = useForm<EnvironmentFormValues>({
    initialValues:
      environment === undefined ? emptyEnvironment(keychain.available ? 'keychain' : 'session') : formOf(environment),
    validate: validateEnvironment,
    validateInputOnBlur: true,
  })
  const tests = useStoreTests(form, environment?.id)
  const saved = (result: Environment) => {
    notifyDone('Saved', result.name)
    navigate(environment === undefined ? paths.tenants(result.id) : paths.environments)
  }
  const refused = (error: AppError) => {
    const fields = formErrors(serverFieldErrors(error))
    form.setErrors(fields)
    setFailure(Object.keys(fields).length > 0 ? undefined : error)
  }
  const save = (values: EnvironmentFormValues) => {
    setFailure(undefined)
    const { secretStorage } = values
    const input = { settings: toSettings(values), secrets: toSecrets(values), secretStorage }
    const outcome = { onSuccess: saved, onError: refused }
    if (environment === undefined) create.mutate(input, outcome)
    else update.mutate({ environmentId: environment.id, ...input }, outcome)
  }
  const shared = { form, tests, places: environment?.secrets }
  return (
    <Screen
      title={environment === undefined ? 'New environment' : `Edit ${environment.name}`}
      back={
        <Tooltip label="All environments">
          <ActionIcon component={Link} href={paths.environments} aria-label="All environments">
            <IconArrowLeft size={18} />
          </ActionIcon>
        </Tooltip>
      }
    >
      <form onSubmit={form.onSubmit(save)} noValidate className={classes.formPage}>
        {failure !== undefined && <ErrorPanel error={failure} title="The environment could not be saved" />}
        <GeneralFields form={form} />
        <PostgresFields {...shared} />
        <MongoFields {...shared} />
        <RedisFields {...shared} />
        <BackupFields {...shared} />
        <SecretStorage
          keychain={keychain}
          value={form.values.secretStorage}
          onChange={value => form.setFieldValue('secretStorage', value)}
        />
        <div className={classes.bar}>
          <Button
            variant="default"
            leftSection={<IconPlugConnected size={16} aria-hidden />}
            loading={tests.isRunning}
            disabled={!Object.values(form.values.isOn).some(Boolean)}
            onClick={() => tests.run()}
          >
            Test connections
          </Button>
          <div style={{ flex: 1 }} />
          <Button variant="default" component={Link} href={paths.environments}>
            Cancel
          </Button>
          <Button
            type="submit"
            loading={create.isPending || update.isPending}
            disabled={!permission.isAllowed}
            title={permission.reason}
          >
            {environment === undefined ? 'Create environment' : 'Save changes'}
          </Button>
        </div>
      </form>
    </Screen>
  )
}
