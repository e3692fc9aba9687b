import { Button, Group, Modal, Stack, Textarea, TextInput } from '@mantine/core'
import { useState } from 'react'
import type { AppError } from '#shared/errors.ts'
import { serverFieldErrors } from '../lib/form-errors.ts'
import { useFocusBack } from '../lib/use-focus-back.ts'
import { ErrorPanel } from './ErrorPanel.tsx'

export interface Confirmed {
  typed: string
  reason: string
}

interface ConfirmDialogProps {
  title: string
  /** What will happen, and what will be lost, with counts. */
  children: React.ReactNode
  /** A verb: Suspend, Delete for good. */
  actionLabel: string
  /** The way out of a destructive action is its primary button: “Keep the tenant”. */
  keepLabel?: string
  isDestructive?: boolean
  /** What has to be typed; undefined where nothing has. */
  expected?: string | undefined
  expectedName?: string
  reason?: 'none' | 'optional' | 'required'
  /** Where the reason can be read later; a tenant's by default. */
  reasonNote?: string
  /** Further conditions, for example a checkbox in the content. */
  isBlocked?: boolean
  isRunning: boolean
  error: AppError | null
  onConfirm: (confirmed: Confirmed) => void
  onClose: () => void
}

const LEAST_REASON = 3

/** Asks before something that matters: says what will be lost, takes the typed name and the reason where they are due. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { title, children, expected, expectedName = 'name', reason: reasonRule = 'none', error, onClose } = props
  useFocusBack()
  const [typed, setTyped] = useState('')
  const [reason, setReason] = useState('')
  const isTyped = expected === undefined || typed === expected
  const hasReason = reasonRule !== 'required' || reason.trim().length >= LEAST_REASON
  const isReady = isTyped && hasReason && props.isBlocked !== true
  const submit = (event: React.FormEvent) => {
    event.preventDefault()
    if (isReady) props.onConfirm({ typed, reason: reason.trim() })
  }
  const reasonError = serverFieldErrors(error).reason
  return (
    <Modal opened onClose={onClose} title={title} size={500}>
      <form onSubmit={submit} noValidate>
        <Stack gap={14}>
          {children}
          {reasonRule !== 'none' && (
            <Textarea
              label="Reason"
              withAsterisk={reasonRule === 'required'}
              description={props.reasonNote ?? 'Kept in the tenant’s history and in the audit log.'}
              data-autofocus
              autosize
              minRows={2}
              maxRows={6}
              maxLength={500}
              value={reason}
              error={reasonError}
              onChange={event => setReason(event.currentTarget.value)}
            />
          )}
          {expected !== undefined && (
            <TextInput
              label={`Type the ${expectedName} to confirm: ${expected}`}
              classNames={{ input: 'mono' }}
              autoComplete="off"
              spellCheck={false}
              value={typed}
              onChange={event => setTyped(event.currentTarget.value)}
            />
          )}
          {error !== null && reasonError === undefined && <ErrorPanel error={error} />}
          <Buttons {...props} isReady={isReady} />
        </Stack>
      </form>
    </Modal>
  )
}

/** A destructive button is never the primary one and never beside it. */
function Buttons({
  actionLabel,
  keepLabel,
  isDestructive,
  isRunning,
  isReady,
  onClose,
}: ConfirmDialogProps & { isReady: boolean }) {
  if (isDestructive === true) {
    return (
      <Group justify="space-between" mt={4}>
        <Button type="submit" variant="light" color="red" loading={isRunning} disabled={!isReady}>
          {actionLabel}
        </Button>
        <Button onClick={onClose}>{keepLabel ?? 'Cancel'}</Button>
      </Group>
    )
  }
  return (
    <Group justify="flex-end" gap={8} mt={4}>
      <Button variant="default" onClick={onClose}>
        Cancel
      </Button>
      <Button type="submit" loading={isRunning} disabled={!isReady}>
        {actionLabel}
      </Button>
    </Group>
  )
}
