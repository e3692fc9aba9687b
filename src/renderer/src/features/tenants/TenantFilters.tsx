import { Chip, CloseButton, Group, TextInput } from '@mantine/core'
import { useDebouncedCallback } from '@mantine/hooks'
import { IconSearch } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
import { TENANT_STATUSES } from '#shared/contract/tenant.model.ts'
import { tenantStatusWord } from '../../components/TenantStatusMark.tsx'
import type { TenantView } from './tenant-view.ts'

const SEARCH_DELAY_MS = 200

interface TenantFiltersProps {
  view: TenantView
  onChange: (change: { search?: string; status?: string }) => void
}

export function TenantFilters({ view, onChange }: TenantFiltersProps) {
  const [text, setText] = useState(view.search)
  const search = useDebouncedCallback((value: string) => onChange({ search: value.trim() }), SEARCH_DELAY_MS)
  // The address changes by other ways too: back, the palette, a cleared filter.
  useEffect(() => setText(current => (current.trim() === view.search ? current : view.search)), [view.search])
  const clear = () => {
    setText('')
    onChange({ search: '' })
  }
  return (
    <>
      <TextInput
        w={300}
        type="search"
        data-screen-search
        aria-label="Search tenants"
        placeholder="Name, slug or administrator ( / )"
        leftSection={<IconSearch size={15} aria-hidden />}
        rightSection={text === '' ? null : <CloseButton size="sm" aria-label="Clear the search" onClick={clear} />}
        value={text}
        onChange={event => {
          setText(event.currentTarget.value)
          search(event.currentTarget.value)
        }}
        onKeyDown={event => {
          if (event.key === 'Escape' && text !== '') clear()
        }}
      />
      <Chip.Group multiple value={view.status} onChange={status => onChange({ status: status.join(',') })}>
        <Group gap={6} role="group" aria-label="Only tenants that are">
          {TENANT_STATUSES.map(status => (
            <Chip key={status} value={status} size="xs" variant="outline">
              {tenantStatusWord(status)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </>
  )
}
