import { Switch, Text, Title } from '@mantine/core'
import { useId } from 'react'
import type { StoreName } from '#shared/contract/environment.model.ts'
import { StoreIcon } from '../../components/StoreIcon.tsx'
import { STORE_PURPOSES, STORE_TITLES } from '../../lib/stores.ts'
import classes from './environment-form.module.css'

interface StoreSectionProps {
  store: StoreName
  isOn: boolean
  onSwitch: (isOn: boolean) => void
  children: React.ReactNode
}

/** One store of the environment: off, or with its settings. */
export function StoreSection({ store, isOn, onSwitch, children }: StoreSectionProps) {
  const titleId = useId()
  return (
    <section className={classes.section} aria-labelledby={titleId} data-on={isOn}>
      <header className={classes.head}>
        <StoreIcon store={store} />
        <div className={classes.headText}>
          <Title order={2} id={titleId}>
            {STORE_TITLES[store]}
          </Title>
          <Text size="xs" c="dimmed">
            {STORE_PURPOSES[store]}
          </Text>
        </div>
        <Switch
          checked={isOn}
          labelPosition="left"
          label={isOn ? 'Used' : 'Not used'}
          aria-label={`This environment has ${STORE_TITLES[store]}`}
          onChange={event => onSwitch(event.currentTarget.checked)}
        />
      </header>
      {isOn && <div className={classes.body}>{children}</div>}
    </section>
  )
}
