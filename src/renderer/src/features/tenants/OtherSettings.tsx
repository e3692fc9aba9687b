import { Text } from '@mantine/core'
import type { Json } from '#shared/json.ts'
import classes from './other-settings.module.css'
import { isKnownSetting } from './overview-form.ts'

/** Settings that the HR system wrote and this form does not know; shown, and kept by every change. */
export function OtherSettings({ settings }: { settings: Record<string, Json> }) {
  const others = Object.entries(settings).filter(([name]) => !isKnownSetting(name))
  if (others.length === 0) return null
  return (
    <div>
      <Text size="sm" fw={550} mb={4}>
        Further settings
      </Text>
      <dl className={classes.list}>
        {others.map(([name, value]) => (
          <div key={name}>
            <dt className="mono">{name}</dt>
            <dd className="mono">{typeof value === 'string' ? value : JSON.stringify(value)}</dd>
          </div>
        ))}
      </dl>
    </div>
  )
}
