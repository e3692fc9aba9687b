import { EmptyState } from '@mantine/core'
import type { Icon } from '@tabler/icons-react'

interface EmptyProps {
  icon: Icon
  title: string
  /** What to do next, or why there is nothing. */
  description: React.ReactNode
  actions?: React.ReactNode
}

/** A screen or list with nothing in it: says why, and what the next step is. */
export function Empty({ icon: IconOf, title, description, actions }: EmptyProps) {
  return (
    <EmptyState
      size="sm"
      py={56}
      px="lg"
      maw={520}
      mx="auto"
      icon={<IconOf size={26} stroke={1.6} aria-hidden />}
      withIndicatorBackground
      title={title}
      description={description}
    >
      {actions !== undefined && <EmptyState.Actions mt={10}>{actions}</EmptyState.Actions>}
    </EmptyState>
  )
}
