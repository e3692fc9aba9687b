import { TextInput } from '@mantine/core'
import { IconSearch } from '@tabler/icons-react'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useId, useRef, useState } from 'react'
import { useLocation } from 'wouter'
import type { DataTable } from '#shared/contract/data.ts'
import { paths } from '../../app/paths.ts'
import { useOperation } from '../../client/hooks.ts'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { SkeletonRows } from '../../components/SkeletonRows.tsx'
import { TIP_IF_CUT } from '../../components/TipLayer.tsx'
import { formatBytes, formatCount, formatEstimate } from '../../lib/format.ts'
import { moveInList } from './move-in-list.ts'
import classes from './table-list.module.css'
import { visibleText } from './visible-text.ts'

interface TableListProps {
  environmentId: string
  tenantId: string
  /** The table that is shown beside the list. */
  selected?: string | undefined
}

const ROW_HEIGHT = 32
const OVERSCAN = 8

/** The tables of a tenant with their rows and size: type to filter, arrows to walk, Enter to open. */
export function TableList({ environmentId, tenantId, selected }: TableListProps) {
  const tables = useOperation('data.tables', { environmentId, tenantId })
  const [text, setText] = useState('')
  if (tables.data === undefined) {
    if (tables.error === null) return <SkeletonRows rows={14} columns={2} />
    return (
      <div style={{ padding: 12 }}>
        <ErrorPanel
          title="The tables could not be listed"
          error={tables.error}
          onRetry={() => void tables.refetch()}
          isRetrying={tables.isFetching}
        />
      </div>
    )
  }
  const wanted = text.trim().toLowerCase()
  const shown = tables.data.filter(({ name }) => name.toLowerCase().includes(wanted))
  return (
    <FilteredList
      key={tenantId}
      tables={shown}
      text={text}
      onText={setText}
      selected={selected}
      pathOf={table => paths.data(environmentId, tenantId, table)}
    />
  )
}

interface FilteredListProps {
  tables: readonly DataTable[]
  text: string
  onText: (text: string) => void
  selected: string | undefined
  pathOf: (table: string) => string
}

function FilteredList({ tables, text, onText, selected, pathOf }: FilteredListProps) {
  const [, navigate] = useLocation()
  const listId = useId()
  const scroller = useRef<HTMLDivElement>(null)
  const [walked, setWalked] = useState<string>()
  const active = tables.findIndex(({ name }) => name === (walked ?? selected))
  const virtualizer = useVirtualizer({
    count: tables.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW_HEIGHT,
    overscan: OVERSCAN,
    initialOffset: Math.max(tables.findIndex(({ name }) => name === selected) * ROW_HEIGHT - ROW_HEIGHT * 4, 0),
  })
  const items = virtualizer.getVirtualItems()
  const onKeyDown = (event: React.KeyboardEvent) => {
    if (event.key === 'Enter') {
      const table = tables[Math.max(active, 0)]
      if (table !== undefined) navigate(pathOf(table.name))
    } else if (event.key === 'Escape' && text !== '') onText('')
    else {
      const next = moveInList(active, event, { length: tables.length, page: pageOf(scroller.current) })
      if (next === undefined) return
      setWalked(tables[next]?.name)
      virtualizer.scrollToIndex(next)
    }
    event.preventDefault()
  }
  const activeId = items.some(({ index }) => index === active) ? `${listId}-${active}` : undefined
  return (
    <div className={classes.list}>
      <TextInput
        className={classes.filter}
        type="search"
        role="combobox"
        aria-label="Filter the tables"
        aria-expanded
        aria-controls={listId}
        aria-activedescendant={activeId}
        data-screen-search
        placeholder="Filter tables ( / )"
        leftSection={<IconSearch size={14} aria-hidden />}
        value={text}
        onChange={event => {
          onText(event.currentTarget.value)
          setWalked(undefined)
        }}
        onKeyDown={onKeyDown}
      />
      <div className={classes.head} aria-hidden>
        <span>{formatCount(tables.length)} tables</span>
        <span data-tip="Estimate from the statistics">≈ rows</span>
        <span data-tip="Table, indexes and TOAST">size</span>
      </div>
      <div
        ref={scroller}
        id={listId}
        role="listbox"
        aria-label="Tables"
        aria-activedescendant={activeId}
        tabIndex={0}
        className={classes.scroller}
        onKeyDown={onKeyDown}
      >
        <div role="presentation" style={{ height: virtualizer.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const table = tables[index]
            if (table === undefined) return null
            return (
              <TableOption
                key={table.name}
                id={`${listId}-${index}`}
                table={table}
                start={start}
                isActive={index === active}
                isSelected={table.name === selected}
                onOpen={() => {
                  setWalked(table.name)
                  navigate(pathOf(table.name))
                }}
              />
            )
          })}
        </div>
        {tables.length === 0 && (
          <p className={classes.none}>{text === '' ? 'This tenant has no tables.' : 'No table matches.'}</p>
        )}
      </div>
    </div>
  )
}

const pageOf = (element: HTMLElement | null): number =>
  Math.max(Math.floor((element?.clientHeight ?? 0) / ROW_HEIGHT) - 1, 1)

interface TableOptionProps {
  id: string
  table: DataTable
  /** Pixels from the top of the list. */
  start: number
  isActive: boolean
  isSelected: boolean
  onOpen: () => void
}

function TableOption({ id, table, start, isActive, isSelected, onOpen }: TableOptionProps) {
  const name = visibleText(table.name)
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the list holds the focus and names the active option.
    // biome-ignore lint/a11y/useKeyWithClickEvents: the list takes the keys.
    <div
      id={id}
      role="option"
      aria-selected={isSelected}
      aria-label={`${name}, ${rowsSaid(table)}, ${formatBytes(table.sizeBytes)}`}
      className={classes.table}
      data-active={isActive}
      {...(table.comment === null ? TIP_IF_CUT : {})}
      data-tip={table.comment === null ? name : `${name}\n${visibleText(table.comment)}`}
      style={{ transform: `translateY(${start}px)` }}
      onClick={onOpen}
    >
      <bdi className="truncate">{name}</bdi>
      <span>{table.rowsEstimate === null ? '–' : formatEstimate(table.rowsEstimate)}</span>
      <span>{formatBytes(table.sizeBytes)}</span>
    </div>
  )
}

const rowsSaid = ({ rowsEstimate }: DataTable): string =>
  rowsEstimate === null ? 'never analysed' : `about ${formatCount(rowsEstimate)} rows`
