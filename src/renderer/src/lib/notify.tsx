import { notifications } from '@mantine/notifications'
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react'
import type { AppError } from '#shared/errors.ts'

const ICON = { size: 16, stroke: 2, 'aria-hidden': true } as const

/** Says what went wrong and what to do next. Cancelled work is no news to the one who cancelled it. */
export function notifyError(error: AppError): void {
  if (error.code === 'CANCELLED') return
  notifications.show({
    color: 'red',
    icon: <IconAlertTriangle {...ICON} />,
    title: error.message,
    message: error.hint ?? `Error ${error.code}`,
    autoClose: 10_000,
    withBorder: true,
  })
}

export function notifyDone(title: string, message?: React.ReactNode): void {
  notifications.show({
    color: 'teal',
    icon: <IconCheck {...ICON} />,
    title,
    message: message ?? null,
    autoClose: 5_000,
    withBorder: true,
  })
}
