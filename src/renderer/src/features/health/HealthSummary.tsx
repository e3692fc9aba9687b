import { Text } from '@mantine/core'
import type { OutputOf } from '#shared/contract/index.ts'
import { StateMark } from '../../components/StateMark.tsx'
import { Timestamp } from '../../components/Timestamp.tsx'
import { summaryOf } from './summary.ts'

interface HealthSummaryProps {
  health: OutputOf<'health.check'>
  isChecking: boolean
}

/** All stores in a word, and when they were looked at. */
export function HealthSummary({ health, isChecking }: HealthSummaryProps) {
  const { meaning, word } = summaryOf(health.stores)
  return (
    <>
      <span role="status">
        <StateMark meaning={meaning} form="pill">
          {word}
        </StateMark>
      </span>
      <Text size="sm" c="dimmed" className="truncate">
        {isChecking ? (
          'Checking…'
        ) : (
          <>
            Checked <Timestamp value={health.checkedAt} />
          </>
        )}
      </Text>
    </>
  )
}
