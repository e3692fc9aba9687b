import { Button, Switch, Text } from '@mantine/core'
import type { UseFormReturnType } from '@mantine/form'
import type { Environment, StoreName } from '#shared/contract/environment.model.ts'
import { StoreIcon } from '../../components/StoreIcon.tsx'
import { STORE_PURPOSES, STORE_TITLES } from '../../lib/stores.ts'
import type { EnvironmentFormValues } from './environment-form.ts'
import classes from './environments.module.css'
import { StoreTestResult } from './StoreTestResult.tsx'
import type { StoreTests } from './use-store-tests.ts'

/** What every section of the form works with. */
export interface StoreFieldsProps {
  form: UseFormReturnType<EnvironmentFormValues>
  tests: StoreTests
  /** Where the saved secrets rest; undefined for a new environment. */
  places: Environment['secrets'] | undefined
}

interface StoreSectionProps {
  store: StoreName
  form: StoreFieldsProps['form']
  tests: StoreTests
  children: React.ReactNode
}

/** The frame of one store: whether it is connected, its fields, its own test. */
export function StoreSection({ store, form, tests, children }: StoreSectionProps) {
  const isOn = form.values.isOn[store]
  const result = tests.results[store]
  return (
    <section className={classes.section} aria-labelledby={`store-${store}`}>
      <div className={classes.sectionHead}>
        <StoreIcon store={store} />
        <div style={{ flex: 1 }}>
          <h2 id={`store-${store}`}>{STORE_TITLES[store]}</h2>
          <Text size="xs" c="dimmed">
            {STORE_PURPOSES[store]}
          </Text>
        </div>
        {isOn && (
          <Button
            variant="subtle"
            size="compact-sm"
            loading={tests.isRunning}
            onClick={() => tests.run(store)}
            aria-label={`Test ${STORE_TITLES[store]}`}
          >
            Test
          </Button>
        )}
        <Switch
          aria-label={`${STORE_TITLES[store]} is connected`}
          checked={isOn}
          onChange={event => form.setFieldValue(`isOn.${store}`, event.currentTarget.checked)}
        />
      </div>
      {isOn && <div className={classes.sectionBody}>{children}</div>}
      {isOn && result !== undefined && <StoreTestResult result={result} />}
    </section>
  )
}
