import { Group, Kbd, Modal, Stack, Text } from '@mantine/core'
import { Fragment } from 'react'
import { useActions } from '../actions.ts'
import { writtenKeys } from './keys.ts'
import { setShortcutsOpen, useShortcutStore } from './shortcut-store.ts'

const IN_LISTS = [
  { keys: ['↑', '↓', '←', '→'], label: 'Move between rows and cells' },
  { keys: ['Enter'], label: 'Open the row' },
  { keys: ['.'], label: 'Menu of the row' },
  { keys: ['Home', 'End', 'Page ↑', 'Page ↓'], label: 'Move further' },
  { keys: ['Ctrl', 'C'], label: 'Copy the cell' },
]

export default function ShortcutsHelp() {
  const { isHelpOpen, screen } = useShortcutStore()
  const actions = useActions()
  const everywhere = actions.flatMap(({ keys, label }) =>
    keys === undefined ? [] : [{ keys: writtenKeys(keys), label }],
  )
  return (
    <Modal opened={isHelpOpen} onClose={() => setShortcutsOpen(false)} title="Keyboard shortcuts" size={460}>
      <Stack gap="lg">
        {screen.length > 0 && (
          <KeyList
            title="On this screen"
            rows={screen.map(({ keys, label }) => ({ keys: writtenKeys(keys), label }))}
          />
        )}
        <KeyList title="Everywhere" rows={everywhere} />
        <KeyList title="In lists and tables" rows={IN_LISTS} />
      </Stack>
    </Modal>
  )
}

function KeyList({ title, rows }: { title: string; rows: { keys: string[]; label: string }[] }) {
  return (
    <section aria-label={title}>
      <Text component="h3" size="sm" fw={600} mb={6}>
        {title}
      </Text>
      <Stack gap={4}>
        {rows.map(row => (
          <Group key={row.label} justify="space-between" wrap="nowrap">
            <Text size="sm" c="dimmed">
              {row.label}
            </Text>
            <Group gap={4} wrap="nowrap">
              {row.keys.map((key, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: a key may occur twice in a shortcut, and the list never changes.
                <Fragment key={index}>
                  <Kbd size="xs">{key}</Kbd>
                </Fragment>
              ))}
            </Group>
          </Group>
        ))}
      </Stack>
    </section>
  )
}
