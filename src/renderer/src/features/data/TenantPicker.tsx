import { Combobox, Loader, TextInput, useCombobox } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { IconBuildingCommunity } from '@tabler/icons-react'
import { useEffect, useState } from 'react'
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
  const combobox = useCombobox({ onDropdownClose: () => combobox.resetSelectedOption() })
  // Undefined while nothing is searched: the field then names the tenant that is chosen.
  const [text, setText] = useState<string>()
  const { recent, others, hidden, message } = useListed(text?.trim() ?? '')
  const shown = [...recent, ...others].map(({ id }) => id).join()
  const { dropdownOpened, selectFirstOption } = combobox
  useEffect(() => {
    if (dropdownOpened && shown !== '') selectFirstOption()
  }, [dropdownOpened, shown, selectFirstOption])
  const close = () => {
    setText(undefined)
    combobox.closeDropdown()
  }
  return (
    <Combobox
      store={combobox}
      onOptionSubmit={id => {
        close()
        onPick(id)
      }}
    >
      <Combobox.Target withExpandedAttribute>
        <TextInput
          w={320}
          aria-label="Tenant"
          placeholder="Choose a tenant"
          autoComplete="off"
          spellCheck={false}
          leftSection={<IconBuildingCommunity size={15} stroke={1.7} aria-hidden />}
          rightSection={<Combobox.Chevron />}
          rightSectionPointerEvents="none"
          value={text ?? tenant?.name ?? ''}
          onChange={event => {
            setText(event.currentTarget.value)
            combobox.openDropdown()
          }}
          onFocus={event => event.currentTarget.select()}
          onClick={() => combobox.openDropdown()}
          onBlur={close}
        />
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Options mah={420} style={{ overflowY: 'auto' }} aria-label="Tenants">
          {recent.length > 0 && <Combobox.Group label="Recent">{recent.map(option)}</Combobox.Group>}
          {others.length > 0 && (
            <Combobox.Group label={recent.length > 0 ? 'Others' : 'Tenants'}>{others.map(option)}</Combobox.Group>
          )}
          {message !== undefined && <Combobox.Empty>{message}</Combobox.Empty>}
        </Combobox.Options>
        {hidden > 0 && (
          <Combobox.Footer className={classes.more}>{formatCount(hidden)} more: type to find them</Combobox.Footer>
        )}
      </Combobox.Dropdown>
    </Combobox>
  )
}

const option = (tenant: ListedTenant) => (
  <Combobox.Option key={tenant.id} value={tenant.id} className={classes.option}>
    <span className="truncate">{tenant.name}</span>
    <span className={`mono truncate ${classes.optionSlug}`}>{tenant.slug}</span>
    {tenant.status !== undefined && tenant.status !== 'active' && <TenantStatusMark status={tenant.status} />}
  </Combobox.Option>
)

/** What the picker lists for a search: the last tenants and the first of the others, or what the server finds. */
function useListed(search: string) {
  const environment = useEnvironment()
  const [wanted] = useDebouncedValue(search, SEARCH_DELAY_MS)
  const found = useOperation(
    'tenants.list',
    { environmentId: environment.id, limit: SHOWN_TENANTS, ...(wanted === '' ? {} : { search: wanted }) },
    { keepPrevious: true },
  )
  const remembered = useRecentTenants(environment.id)
  const tenants: readonly ListedTenant[] = found.data?.items ?? []
  const recent: readonly ListedTenant[] = wanted === '' ? remembered : []
  const others = tenants.filter(({ id }) => !recent.some(other => other.id === id))
  const isEmpty = recent.length + others.length === 0
  return {
    recent: recent.map(item => tenants.find(({ id }) => id === item.id) ?? item),
    others,
    hidden: (found.data?.total ?? 0) - tenants.length,
    message: messageOf(found.error?.message, isEmpty, found.isFetching),
  }
}

function messageOf(error: string | undefined, isEmpty: boolean, isFetching: boolean): React.ReactNode {
  if (error !== undefined) return error
  if (!isEmpty) return undefined
  return isFetching ? <Loader size={16} aria-label="Searching" /> : 'No tenant matches'
}
