import { ActionIcon, Anchor, CloseButton, Text, Tooltip } from '@mantine/core'
import { IconChevronDown, IconChevronUp } from '@tabler/icons-react'
import { Link } from 'wouter'
import type { DataCell, DataColumn } from '#shared/contract/data.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { paths } from '../../app/paths.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { formatBytes, formatCount } from '../../lib/format.ts'
import { cellKind, cellText, copyableText, shortType } from './cell-kind.ts'
import { EmptyMark, MaskedMark, NullMark } from './DataValue.tsx'
import { ColumnMark } from './data-columns.tsx'
import { HostileText } from './HostileText.tsx'
import { shownInstant } from './instant.ts'
import { prettyJson } from './pretty-json.ts'
import classes from './row-panel.module.css'
import type { DataRow } from './table-rows.ts'
import { visibleText } from './visible-text.ts'

interface RowPanelProps {
  tenantId: string
  columns: readonly DataColumn[]
  /** Undefined while it is not loaded. */
  row: DataRow | undefined
  index: number
  count: number
  onGo: (index: number) => void
  onClose: () => void
}

/** All fields of the row where the keyboard is, in full. */
export function RowPanel({ tenantId, columns, row, index, count, onGo, onClose }: RowPanelProps) {
  return (
    <aside className={classes.panel} aria-label="Row details">
      <div className={classes.head}>
        <span>Row {formatCount(index + 1)}</span>
        <div style={{ flex: 1 }} />
        <Step label="Previous row (k)" icon={IconChevronUp} isDisabled={index <= 0} onClick={() => onGo(index - 1)} />
        <Step
          label="Next row (j)"
          icon={IconChevronDown}
          isDisabled={index >= count - 1}
          onClick={() => onGo(index + 1)}
        />
        <Tooltip label="Close (Esc)">
          <CloseButton size="sm" aria-label="Close the row details" onClick={onClose} />
        </Tooltip>
      </div>
      {/** biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
      <section className={classes.scroller} tabIndex={0} aria-label="Fields">
        {row === undefined ? (
          <Text size="sm" c="dimmed" p={14}>
            This row is being read.
          </Text>
        ) : (
          <dl className={classes.fields}>
            {columns.map((column, position) => (
              <Field key={column.name} tenantId={tenantId} column={column} cell={row[position] ?? null} />
            ))}
          </dl>
        )}
      </section>
    </aside>
  )
}

interface StepProps {
  label: string
  icon: typeof IconChevronUp
  isDisabled: boolean
  onClick: () => void
}

function Step({ label, icon: Icon, isDisabled, onClick }: StepProps) {
  return (
    <Tooltip label={label}>
      <ActionIcon size={24} aria-label={label} aria-disabled={isDisabled} onClick={onClick}>
        <Icon size={16} />
      </ActionIcon>
    </Tooltip>
  )
}

interface FieldProps {
  tenantId: string
  column: DataColumn
  cell: DataCell
}

function Field({ tenantId, column, cell }: FieldProps) {
  const text = copyableText(column, cell)
  const name = visibleText(column.name)
  const isCut = typeof cell === 'object' && cell !== null
  return (
    <div className={classes.field}>
      <dt>
        <ColumnMark column={column} />
        <bdi className={classes.name}>{name}</bdi>
        <span className="truncate">{shortType(column.type)}</span>
        {column.references !== null && <Target tenantId={tenantId} table={column.references} />}
      </dt>
      <dd>
        <div className={classes.value}>
          <FullValue column={column} cell={cell} />
        </div>
        {text !== null && text !== '' && (
          <CopyButton value={text} label={isCut ? `Copy the beginning of ${name}` : `Copy ${name}`} />
        )}
      </dd>
    </div>
  )
}

/** The table that a foreign key points to. */
function Target({ tenantId, table }: { tenantId: string; table: string }) {
  const environment = useEnvironment()
  return (
    <Anchor component={Link} href={paths.data(environment.id, tenantId, table)} size="xs" className="truncate">
      → {visibleText(table)}
    </Anchor>
  )
}

function FullValue({ column, cell }: { column: DataColumn; cell: DataCell }) {
  if (cell === null) return <NullMark />
  if (column.isMasked) return <MaskedMark />
  if (cell === '') return <EmptyMark />
  const text = cellText(cell) ?? ''
  return (
    <>
      <FullText text={text} type={column.type} />
      {typeof cell === 'object' && (
        <Text size="xs" c="dimmed" mt={4}>
          The first {formatCount([...text].length)} characters, of {formatBytes(cell.bytes)} in all
        </Text>
      )}
    </>
  )
}

function FullText({ text, type }: { text: string; type: string }) {
  switch (cellKind(type)) {
    case 'json':
      return (
        <div className={`mono ${classes.code}`}>
          <HostileText text={prettyJson(text)} form="block" />
        </div>
      )
    case 'uuid':
    case 'binary':
      return (
        <span className="mono">
          <HostileText text={text} form="block" />
        </span>
      )
    case 'instant':
      return <Instant text={text} />
    case 'number':
    case 'time':
      return <span className="numeric">{text}</span>
    default:
      return <HostileText text={text} form="block" />
  }
}

function Instant({ text }: { text: string }) {
  const shown = shownInstant(text)
  if (shown === undefined) return <span className="numeric">{text}</span>
  return (
    <span className="numeric">
      {shown.local}
      <Text size="xs" c="dimmed">
        {shown.utc}
      </Text>
    </span>
  )
}
