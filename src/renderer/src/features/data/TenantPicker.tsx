import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconBuildingCommunity } from '@tabler/icons-react'
import { useState } from 'react'
import { useEnvironment } from '../../app/environment.tsx'
import { useOperation } from '../../client/hooks.ts'

const SEARCH_DELAY_MS = 150
const SHOWN_TENANTS = 50

interface TenantPickerProps {
  tenantId: string | undefined
  onPick: (tenantId: string) => void
}

/** Chooses among any number of tenants: the server searches. */
export function TenantPicker({ tenantId, onPick }: TenantPickerProps) {
  const environment = useEnvironment()
  const [text, setText] = useState('')
  const [search] = useDebouncedValue(text.trim(), SEARCH_DELAY_MS)
  const current = useOperation(
    'tenants.get',
    tenantId === undefined ? undefined : { environmentId: environment.id, tenantId },
  )
  // The field's own text is no search: it names the tenant that is chosen.
  const wanted = search === current.data?.name ? '' : search
  const found = useOperation(
    'tenants.list',
    { environmentId: environment.id, limit: SHOWN_TENANTS, ...(wanted === '' ? {} : { search: wanted }) },
    { keepPrevious: true },
  )
  const tenants = found.data?.items ?? []
  const options = tenants.map(tenant => ({ value: tenant.id, label: tenant.name, slug: tenant.slug }))
  const chosen = current.data
  if (chosen !== undefined && !options.some(option => option.value === chosen.id)) {
    options.unshift({ value: chosen.id, label: chosen.name, slug: chosen.slug })
  }
  const slugs = new Map<string, string>(options.map(option => [option.value, option.slug]))
  return (
    <Select
      w={300}
      aria-label="Tenant"
      placeholder="Choose a tenant"
      data-screen-search
      leftSection={<IconBuildingCommunity size={15} stroke={1.7} aria-hidden />}
      searchable
      allowDeselect={false}
      data={options}
      filter={({ options: all }) => all}
      value={tenantId ?? null}
      searchValue={text}
      onSearchChange={setText}
      onChange={value => {
        if (value !== null) onPick(value)
      }}
      nothingFoundMessage={found.isError ? found.error.message : found.isFetching ? 'Searching…' : 'No tenant matches'}
      renderOption={({ option }) => (
        <span style={{ minWidth: 0 }}>
          <span className="truncate" style={{ display: 'block' }}>
            {option.label}
          </span>
          <span className="mono truncate" style={{ display: 'block', color: 'var(--text-soft)', fontSize: 12 }}>
            {slugs.get(option.value)}
          </span>
        </span>
      )}
    />
  )
}
