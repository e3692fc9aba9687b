import { NumberInput, Radio, Stack } from '@mantine/core'
import { HOLDS } from '#shared/contract/restore.model.ts'
import { HOLD_WORDS, type HoldMode, type HoldValues, isWithin, LIMITS } from './hold-words.ts'
import classes from './restore.module.css'

interface HoldFieldsProps {
  values: HoldValues
  onChange: (values: HoldValues) => void
  /** Days for which what was live is kept; absent where nothing is kept anew. */
  keepDays?: { value: number; onChange: (days: number) => void }
}

/** How writers are held off for the final check, and for how long at most. */
export function HoldFields({ values, onChange, keepDays }: HoldFieldsProps) {
  const number = (set: (value: number) => void) => (value: number | string) => {
    if (typeof value === 'number') set(value)
  }
  return (
    <Stack gap={14}>
      <Radio.Group
        label="While the last check and the swap happen"
        value={values.hold}
        onChange={hold => onChange({ ...values, hold: hold as HoldMode })}
      >
        <Stack gap={8} mt={4}>
          {HOLDS.map(hold => (
            <Radio key={hold} value={hold} label={HOLD_WORDS[hold].label} description={HOLD_WORDS[hold].description} />
          ))}
        </Stack>
      </Radio.Group>
      <div className={classes.limits}>
        <NumberInput
          label="Wait for others"
          description="Seconds to get the tables; then it gives up and names who has them."
          suffix=" s"
          {...LIMITS.lockTimeout}
          decimalScale={1}
          value={values.lockTimeout}
          error={isWithin(values.lockTimeout, LIMITS.lockTimeout) ? undefined : '0.1 to 60'}
          onChange={number(lockTimeout => onChange({ ...values, lockTimeout }))}
        />
        <NumberInput
          label="Hold writers off"
          description="Seconds at most, with the time you take to decide."
          suffix=" s"
          {...LIMITS.limit}
          allowDecimal={false}
          value={values.limit}
          error={isWithin(values.limit, LIMITS.limit) ? undefined : '1 to 600'}
          onChange={number(limit => onChange({ ...values, limit }))}
        />
        {keepDays !== undefined && (
          <NumberInput
            label="Keep what was live"
            description="Days for which the restore can be undone."
            suffix=" days"
            {...LIMITS.keepDays}
            allowDecimal={false}
            value={keepDays.value}
            error={isWithin(keepDays.value, LIMITS.keepDays) ? undefined : '1 to 365'}
            onChange={number(keepDays.onChange)}
          />
        )}
      </div>
    </Stack>
  )
}
