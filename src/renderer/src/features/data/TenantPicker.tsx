import { Select } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconBuildingCommunity } from '@tabler/icons-react'
import { useState } from 'react'
import type { TenantListRow, TenantStatus } from '#shared/contract/tenant.model.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { useOperation } from '../../client/hooks.ts'
import { TenantStatusMark } from '../../components/TenantStatusMark.tsx'
import { formatCount } from '../../lib/format.ts'
import classes from './data-screen.module.css'
import { useRecentTenants } from './recent-tenants.ts'

const SEARCH_DELAY_MS = 150
const SHOWN_TENANTS = 50

interface TenantPickerProps {
  tenant: TenantListRow | undefined
  onPick: (tenantId: string) => void
}

interface ListedTenant {
  id: string
  name: string
  slug: string
  /** Unknown of one that is only remembered. */
  status?: TenantStatus
}

/** Chooses among any number of tenants: the last ones at once, the others by a search on the server. */
export function TenantPicker({ tenant, onPick }: TenantPickerProps) {
  const environment = useEnvironment()
  const [text, setText] = useState('')
  const [search] = useDebouncedValue(text.trim(), SEARCH_DELAY_MS)
  // The field's own text is no search: it names the tenant that is chosen.
  const wanted = search === tenant?.name ? '' : search
  const found = useOperation(
    'tenants.list',
    { environmentId: environment.id, limit: SHOWN_TENANTS, ...(wanted === '' ? {} : { search: wanted }) },
    { keepPrevious: true },
  )
  const tenants: readonly ListedTenant[] = found.data?.items ?? []
  const remembered = useRecentTenants(environment.id)
  const recent = wanted === '' ? remembered : []
  const others = tenants.filter(({ id }) => !recent.some(other => other.id === id))
  const chosen = tenant === undefined || [...recent, ...others].some(({ id }) => id === tenant.id) ? [] : [tenant]
  const listed = new Map([...chosen, ...recent, ...tenants].map(item => [item.id, item]))
  const hidden = (found.data?.total ?? 0) - tenants.length
  return (
    <Select
      w={320}
      aria-label="Tenant"
      placeholder="Choose a tenant"
      leftSection={<IconBuildingCommunity size={15} stroke={1.7} aria-hidden />}
      searchable
      selectFirstOptionOnChange
      allowDeselect={false}
      maxDropdownHeight={420}
      data={[
        { group: 'Recent', items: [...chosen, ...recent].map(optionOf) },
        {
          group: hidden > 0 ? `Tenants · ${formatCount(hidden)} more, type to find them` : 'Tenants',
          items: others.map(optionOf),
        },
      ]}
      filter={({ options }) => options}
      value={tenant?.id ?? null}
      searchValue={text}
      onSearchChange={setText}
      onFocus={event => event.currentTarget.select()}
      onChange={value => {
        if (value !== null) onPick(value)
      }}
      nothingFoundMessage={found.isError ? found.error.message : found.isFetching ? 'Searching…' : 'No tenant matches'}
      renderOption={({ option }) => <Option tenant={listed.get(option.value)} />}
    />
  )
}

const optionOf = ({ id, name }: ListedTenant) => ({ value: id, label: name })

function Option({ tenant }: { tenant: ListedTenant | undefined }) {
  if (tenant === undefined) return null
  return (
    <span className={classes.option}>
      <span className="truncate">{tenant.name}</span>
      <span className={`mono truncate ${classes.optionSlug}`}>{tenant.slug}</span>
      {tenant.status !== undefined && tenant.status !== 'active' && <TenantStatusMark status={tenant.status} />}
    </span>
  )
}
