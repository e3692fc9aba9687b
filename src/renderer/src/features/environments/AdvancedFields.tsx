import { Button, Collapse } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { type ReactNode, useState } from 'react'

interface AdvancedFieldsProps {
  /** Nothing in it was changed or is wrong. */
  isUsual: boolean
  children: ReactNode
}

/** What hardly anybody changes; open where it was changed or is wrong. */
export function AdvancedFields({ isUsual, children }: AdvancedFieldsProps) {
  const [wasOpened, setOpened] = useState(false)
  const isOpen = wasOpened || !isUsual
  const Icon = isOpen ? IconChevronDown : IconChevronRight
  return (
    <div>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        ml={-8}
        aria-expanded={isOpen}
        leftSection={<Icon size={14} aria-hidden />}
        onClick={() => setOpened(!isOpen)}
      >
        Advanced
      </Button>
      <Collapse expanded={isOpen}>{children}</Collapse>
    </div>
  )
}
