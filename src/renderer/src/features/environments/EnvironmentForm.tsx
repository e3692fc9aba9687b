import { Button, Group, Stack, Text } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useRef, useState } from 'react'
import { useLocation } from 'wouter'
import { type Environment, STORES, type StoreName } from '#shared/contract/environment.model.ts'
import type { OutputOf } from '#shared/contract/index.ts'
import type { AppError } from '#shared/errors.ts'
import { usePermission } from '../../app/environment.tsx'
import { paths } from '../../app/paths.ts'
import { useShortcut } from '../../app/shortcuts/shortcut-store.ts'
import { useMutationOperation } from '../../client/hooks.ts'
import { invalidateAfter } from '../../client/query-client.ts'
import { Notice } from '../../components/Notice.tsx'
import { PageFooter } from '../../components/PageFooter.tsx'
import { UnsavedChanges } from '../../components/UnsavedChanges.tsx'
import { type FieldMessages, serverFieldErrors } from '../../lib/form-errors.ts'
import { notifyDone } from '../../lib/notify.tsx'
import { BackupFields } from './BackupFields.tsx'
import { ConnectionPanel } from './ConnectionPanel.tsx'
import classes from './environment-form.module.css'
import {
  type EnvironmentValues,
  hasNewSecret,
  newEnvironment,
  storeMessages,
  storesIn,
  toSecrets,
  toSettings,
  validateEnvironment,
  valuesOf,
} from './environment-form.ts'
import type { StoreFieldsProps } from './field-props.ts'
import { focusField } from './focus-field.ts'
import { GeneralFields } from './GeneralFields.tsx'
import { MongoFields } from './MongoFields.tsx'
import { PostgresFields } from './PostgresFields.tsx'
import { RedisFields } from './RedisFields.tsx'
import { SaveFailure } from './SaveFailure.tsx'
import { SecretStorageFields } from './SecretStorageFields.tsx'
import { StoreSection } from './StoreSection.tsx'
import { fingerprintOf, useConnectionTest } from './use-connection-test.ts'

const FIELDS: Record<StoreName, (props: StoreFieldsProps) => React.ReactNode> = {
  postgres: PostgresFields,
  mongo: MongoFields,
  redis: RedisFields,
  backup: BackupFields,
}

interface EnvironmentFormProps {
  /** Undefined for a new one. */
  environment: Environment | undefined
  keychain: OutputOf<'app.info'>['keychain']
}

export function EnvironmentForm({ environment, keychain }: EnvironmentFormProps) {
  const secretStorage = keychain.available ? 'keychain' : 'session'
  const form = useForm<EnvironmentValues>({
    initialValues: environment === undefined ? newEnvironment(secretStorage) : valuesOf(environment, secretStorage),
    validate: values => validateEnvironment(values, environment),
    validateInputOnBlur: true,
  })
  const values = form.getValues()
  const saving = useSaving(environment, form.setErrors)
  const test = useConnectionTest(environment?.id)
  const permission = usePermission(environment === undefined ? 'environments.create' : 'environments.update', undefined)
  const [, navigate] = useLocation()

  const inputOf = (store: StoreName) => {
    const { name, class: environmentClass, ...settings } = toSettings(values, [store])
    // A test needs neither; both may still be empty.
    const named = { name: name.trim() || 'New environment', class: environmentClass || 'development' }
    const secret = toSecrets(values)[store]
    return { settings: { ...settings, ...named }, secrets: secret === undefined ? {} : { [store]: secret } }
  }
  const runTest = (stores: readonly StoreName[]) => {
    const messages = validateEnvironment(values, environment)
    const shown: FieldMessages = {}
    for (const store of stores) {
      const wrong = storeMessages(messages, store)
      Object.assign(shown, wrong)
      if (Object.keys(wrong).length > 0) test.refuse(store)
      else test.start(store, inputOf(store))
    }
    form.setErrors({ ...form.errors, ...shown })
  }
  const isOld = (store: StoreName) => {
    const trial = test.trials[store]
    return trial?.state === 'over' && trial.tested !== fingerprintOf(inputOf(store))
  }
  const submit = form.onSubmit(
    () => saving.save(values),
    errors => focusField(Object.keys(errors)),
  )
  useShortcut('mod+s', 'Save the environment', () => submit())
  return (
    <div className={classes.layout}>
      <form onSubmit={submit} noValidate className={classes.form}>
        {permission.reason !== undefined && (
          <Notice meaning="info">You can look and test, but not save. {permission.reason}</Notice>
        )}
        <section className={classes.section} aria-label="General">
          <div className={classes.body}>
            <GeneralFields propsOf={field => form.getInputProps(field)} />
          </div>
        </section>
        {STORES.map(store => {
          const Fields = FIELDS[store]
          return (
            <StoreSection
              key={store}
              store={store}
              isOn={values.has[store]}
              onSwitch={isOn => form.setFieldValue(`has.${store}`, isOn)}
            >
              <Fields form={form} environment={environment} />
            </StoreSection>
          )
        })}
        <section className={classes.section} aria-label="Secrets">
          <div className={classes.body}>
            <SecretStorageFields
              keychain={keychain}
              value={values.secretStorage}
              onChange={value => form.setFieldValue('secretStorage', value)}
            />
          </div>
        </section>
        <PageFooter>
          <Stack gap={10}>
            {form.errors.stores !== undefined && (
              <Text size="sm" c="var(--bad)" role="alert">
                {form.errors.stores}
              </Text>
            )}
            {saving.failure !== undefined && (
              <SaveFailure
                error={saving.failure}
                canKeepForSession={values.secretStorage === 'keychain' && hasNewSecret(values)}
                onKeepForSession={() => {
                  form.setFieldValue('secretStorage', 'session')
                  saving.save({ ...values, secretStorage: 'session' })
                }}
              />
            )}
            <Group justify="flex-end" gap={8}>
              <Button variant="default" onClick={() => navigate(paths.environments)}>
                Cancel
              </Button>
              <Button
                type="submit"
                loading={saving.isSaving}
                disabled={!permission.isAllowed}
                title={permission.reason}
              >
                Save
              </Button>
            </Group>
          </Stack>
        </PageFooter>
      </form>
      <ConnectionPanel
        stores={storesIn(values)}
        trials={test.trials}
        isRunning={test.isRunning}
        isOld={isOld}
        onTest={runTest}
        onCancel={test.cancel}
      />
      <UnsavedChanges hasChanges={() => !saving.isSaved.current && form.isDirty()} />
    </div>
  )
}

function useSaving(environment: Environment | undefined, setErrors: (errors: FieldMessages) => void) {
  const [, navigate] = useLocation()
  const create = useMutationOperation('environments.create', { isQuiet: true })
  const update = useMutationOperation('environments.update', { isQuiet: true })
  const [failure, setFailure] = useState<AppError>()
  const isSaved = useRef(false)

  const done = async (saved: Environment) => {
    isSaved.current = true
    notifyDone(environment === undefined ? `${saved.name} was created` : `${saved.name} was saved`)
    if (environment !== undefined) return navigate(paths.environments)
    // The environment's own screens know it by the list, which has to hold it before they open.
    await invalidateAfter('environments.create')
    navigate(paths.tenants(saved.id))
  }
  const fail = (error: AppError) => {
    const fields = serverFieldErrors(error, 'settings.')
    setErrors(fields)
    setFailure(Object.keys(fields).length > 0 ? undefined : error)
    focusField(Object.keys(fields))
  }
  const save = (values: EnvironmentValues) => {
    setFailure(undefined)
    const change = {
      settings: toSettings(values),
      secrets: toSecrets(values),
      secretStorage: values.secretStorage,
    }
    const outcome = { onSuccess: (saved: Environment) => void done(saved), onError: fail }
    if (environment === undefined) create.mutate(change, outcome)
    else update.mutate({ environmentId: environment.id, ...change }, outcome)
  }
  return { save, failure, isSaved, isSaving: create.isPending || update.isPending }
}
