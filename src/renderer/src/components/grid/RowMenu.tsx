import { ActionIcon, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { useRef, useState } from 'react'

interface RowMenuProps {
  label: string
  /** Pixels. */
  width: number
  children: React.ReactNode
}

/**
 * The menu at the end of a grid's row. It is made when it is first opened: rows are many. The keyboard comes from the grid and
 * goes back to it.
 */
export function RowMenu({ label, width, children }: RowMenuProps) {
  const [isUsed, setUsed] = useState(false)
  const cell = useRef<HTMLSpanElement>(null)
  const trigger = (
    <ActionIcon size={26} tabIndex={-1} data-row-menu aria-label={label} onClick={() => setUsed(true)}>
      <IconDots size={16} />
    </ActionIcon>
  )
  return (
    <span ref={cell}>
      {isUsed ? (
        <Menu
          position="bottom-end"
          width={width}
          defaultOpened
          returnFocus={false}
          onClose={() => cell.current?.closest<HTMLElement>('[role="grid"]')?.focus()}
        >
          <Menu.Target>{trigger}</Menu.Target>
          <Menu.Dropdown>{children}</Menu.Dropdown>
        </Menu>
      ) : (
        trigger
      )}
    </span>
  )
}
