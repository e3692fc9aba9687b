import { Button, Group, Text } from '@mantine/core'
import { IconAlertTriangle, IconLock, IconPlugConnectedX, IconRefresh } from '@tabler/icons-react'
import type { AppError, ErrorCode } from '#shared/errors.ts'
import { CopyButton } from './CopyButton.tsx'
import classes from './error-panel.module.css'

interface ErrorPanelProps {
  error: AppError
  /** What was tried, for example “The tenants could not be listed”. */
  title?: string
  onRetry?: () => void
  isRetrying?: boolean
  /** Further ways out, beside the retry. */
  actions?: React.ReactNode
}

/** What went wrong, what to do next, and what to quote when asking for help. */
export function ErrorPanel({ error, title, onRetry, isRetrying = false, actions }: ErrorPanelProps) {
  const Icon = iconOf(error.code)
  return (
    <div className={classes.panel} role="alert">
      <Icon size={22} stroke={1.7} className={classes.icon} aria-hidden />
      <div className={classes.body}>
        <Text fw={600}>{title ?? error.message}</Text>
        {title !== undefined && <Text size="sm">{error.message}</Text>}
        {error.hint !== undefined && (
          <Text size="sm" c="dimmed" mt={2}>
            {error.hint}
          </Text>
        )}
        <Group gap={8} mt={12} className={classes.actions}>
          {onRetry !== undefined && (
            <Button
              variant="default"
              loading={isRetrying}
              leftSection={<IconRefresh size={15} aria-hidden />}
              onClick={onRetry}
            >
              Try again
            </Button>
          )}
          {actions}
        </Group>
        <Group gap={6} mt={12} className={classes.reference}>
          <span className="mono">{error.code}</span>
          <span aria-hidden>·</span>
          <span className="mono">{error.id}</span>
          <CopyButton value={`${error.code} ${error.id}`} label="Copy the error’s code and id" />
        </Group>
      </div>
    </div>
  )
}

function iconOf(code: ErrorCode) {
  if (code === 'PERMISSION_DENIED') return IconLock
  if (code === 'CONNECTION_FAILED' || code === 'TIMEOUT') return IconPlugConnectedX
  return IconAlertTriangle
}
