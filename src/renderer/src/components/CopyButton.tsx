import { ActionIcon, CopyButton as MantineCopyButton, Tooltip } from '@mantine/core'
import { IconCheck, IconCopy } from '@tabler/icons-react'

interface CopyButtonProps {
  value: string
  /** What is copied, for example “Copy the slug”. */
  label?: string
  size?: number
  /** In a grid the cell is the stop, not what is in it. */
  isTabStop?: boolean
}

export function CopyButton({ value, label = 'Copy', size = 22, isTabStop = true }: CopyButtonProps) {
  return (
    <MantineCopyButton value={value} timeout={1_500}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : label}>
          <ActionIcon
            size={size}
            aria-label={copied ? 'Copied' : label}
            tabIndex={isTabStop ? undefined : -1}
            onClick={event => {
              event.stopPropagation()
              copy()
            }}
          >
            {copied ? <IconCheck size={size - 8} color="var(--ok-mark)" /> : <IconCopy size={size - 8} />}
          </ActionIcon>
        </Tooltip>
      )}
    </MantineCopyButton>
  )
}
