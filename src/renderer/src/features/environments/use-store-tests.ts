import type { UseFormReturnType } from '@mantine/form'
import { useState } from 'react'
import { STORES, type StoreName } from '#shared/contract/environment.model.ts'
import type { StoreTest } from '#shared/contract/environments.ts'
import type { AppError } from '#shared/errors.ts'
import { useMutationOperation } from '../../client/hooks.ts'
import { serverFieldErrors } from '../../lib/form-errors.ts'
import { notifyError } from '../../lib/notify.tsx'
import { formErrors, storeErrors } from './environment-errors.ts'
import { type EnvironmentFormValues, toSecrets, toSettings } from './environment-form.ts'

export interface StoreTests {
  isRunning: boolean
  /** The last result of each store, as long as nothing of it was changed since. */
  results: Partial<Record<StoreName, StoreTest>>
  /** Tests one store, or all that are connected. */
  run: (store?: StoreName) => void
}

/** Tests the stores as the form has them, saved or not. */
export function useStoreTests(
  form: UseFormReturnType<EnvironmentFormValues>,
  environmentId: string | undefined,
): StoreTests {
  const test = useMutationOperation('environments.test', { isQuiet: true })
  const [results, setResults] = useState<Partial<Record<StoreName, Tested>>>({})
  const { values } = form
  const run = (only?: StoreName) => {
    const stores = only === undefined ? STORES.filter(store => values.isOn[store]) : [only]
    const wrong = Object.entries(storeErrors(values)).filter(([path]) => stores.some(s => path.startsWith(`${s}.`)))
    form.setErrors({ ...form.errors, ...Object.fromEntries(wrong) })
    const ready = stores.filter(store => !wrong.some(([path]) => path.startsWith(`${store}.`)))
    if (ready.length === 0) return
    test.mutate(
      {
        ...(environmentId === undefined ? {} : { environmentId }),
        settings: onlyStores(values, ready),
        secrets: toSecrets(values),
        stores: ready,
      },
      {
        onSuccess: found => setResults(before => ({ ...before, ...byStore(found, values) })),
        onError: (error: AppError) => {
          const fields = formErrors(serverFieldErrors(error))
          if (Object.keys(fields).length > 0) form.setErrors(fields)
          else notifyError(error)
        },
      },
    )
  }
  return { isRunning: test.isPending, results: stillTrue(results, values), run }
}

interface Tested {
  result: StoreTest
  of: string
}

/** What a result depends on; when it changes the result says nothing any more. */
const stateOf = (values: EnvironmentFormValues, store: StoreName): string =>
  JSON.stringify([values[store], values.secrets[store], values.isOn[store]])

const byStore = (found: readonly StoreTest[], values: EnvironmentFormValues) =>
  Object.fromEntries(found.map(result => [result.store, { result, of: stateOf(values, result.store) }]))

function stillTrue(results: Partial<Record<StoreName, Tested>>, values: EnvironmentFormValues): StoreTests['results'] {
  const kept = STORES.flatMap(store => {
    const tested = results[store]
    return tested !== undefined && tested.of === stateOf(values, store) ? [[store, tested.result]] : []
  })
  return Object.fromEntries(kept)
}

/** A test needs no name, and must not fail for a store that is not tested. */
function onlyStores(values: EnvironmentFormValues, stores: readonly StoreName[]) {
  const settings = toSettings(values)
  const picked = Object.fromEntries(stores.map(store => [store, settings.stores[store]]))
  return { ...settings, name: settings.name.trim() === '' ? 'Not saved yet' : settings.name, stores: picked }
}
