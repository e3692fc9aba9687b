import { useCallback, useEffect, useRef, useState } from 'react'
import type { StoreName } from '#shared/contract/environment.model.ts'
import type { StoreTest } from '#shared/contract/environments.ts'
import type { InputOf } from '#shared/contract/index.ts'
import { AppError, isAppError } from '#shared/errors.ts'
import { client } from '../../client/client.ts'

/** What a test was run with, so that a later change shows that its result is old. */
type Tested = Pick<InputOf<'environments.test'>, 'settings' | 'secrets'>

export type Trial =
  | { state: 'invalid' }
  | { state: 'running'; tested: string }
  | { state: 'over'; tested: string; result: StoreTest }

export type Trials = Partial<Record<StoreName, Trial>>

export const fingerprintOf = ({ settings, secrets }: Tested): string => JSON.stringify([settings?.stores, secrets])

export interface ConnectionTest {
  trials: Trials
  isRunning: boolean
  /** Tries one store; what was known of it before is forgotten. */
  start: (store: StoreName, input: Tested) => void
  /** Says that a store cannot be tried before its fields are put right. */
  refuse: (store: StoreName) => void
  /** Stops what runs; results that are there stay. */
  cancel: () => void
}

/** Tries stores side by side; each has its own call, so that each result shows as soon as it is there. */
export function useConnectionTest(environmentId: string | undefined): ConnectionTest {
  const [trials, setTrials] = useState<Trials>({})
  const running = useRef(new Map<StoreName, AbortController>())

  const cancel = useCallback(() => {
    for (const controller of running.current.values()) controller.abort()
    running.current.clear()
  }, [])
  useEffect(() => cancel, [cancel])

  const set = (store: StoreName, trial: Trial | undefined) =>
    setTrials(current => {
      const { [store]: _, ...others } = current
      return trial === undefined ? others : { ...others, [store]: trial }
    })

  const start = (store: StoreName, input: Tested) => {
    running.current.get(store)?.abort()
    const controller = new AbortController()
    running.current.set(store, controller)
    const tested = fingerprintOf(input)
    set(store, { state: 'running', tested })
    const target = environmentId === undefined ? {} : { environmentId }
    client
      .call('environments.test', { ...target, ...input, stores: [store] }, { signal: controller.signal })
      .then(([result]) => result)
      .catch((error: unknown) => failedTest(store, error))
      .then(result => {
        // A newer test of this store has taken over.
        if (running.current.get(store) !== controller && !controller.signal.aborted) return
        if (controller.signal.aborted) {
          if (!running.current.has(store)) set(store, undefined)
          return
        }
        running.current.delete(store)
        set(store, result === undefined ? undefined : { state: 'over', tested, result })
      })
  }

  return {
    trials,
    isRunning: Object.values(trials).some(trial => trial.state === 'running'),
    start,
    refuse: store => set(store, { state: 'invalid' }),
    cancel,
  }
}

/** The call itself failed, not the store. */
function failedTest(store: StoreName, error: unknown): StoreTest {
  const failure = isAppError(error) ? error : new AppError('INTERNAL', 'The test itself failed.', { cause: error })
  return { store, ok: false, serverVersion: null, latencyMs: null, detail: null, error: failure.toData() }
}
