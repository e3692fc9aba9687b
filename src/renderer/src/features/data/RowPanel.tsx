import { CloseButton, Text } from '@mantine/core'
import type { DataCell, DataColumn } from '#shared/contract/data.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { formatBytes } from '../../lib/format.ts'
import { formatLocal, formatUtc, parsePgTimestamptz } from '../../lib/time.ts'
import { cellKind, cellText } from './cell-kind.ts'
import { booleanWord, DataValue } from './DataValue.tsx'
import type { DataRow } from './data-columns.tsx'
import classes from './data-screen.module.css'

interface RowPanelProps {
  columns: readonly DataColumn[]
  row: DataRow | undefined
  onClose: () => void
}

/** All fields of the row where the keyboard is, in full. */
export function RowPanel({ columns, row, onClose }: RowPanelProps) {
  return (
    <aside className={classes.panel} aria-label="Row details">
      <div className={classes.panelHead}>
        {row === undefined ? 'Row details' : `Row ${row.index + 1}`}
        <CloseButton size="sm" aria-label="Close the row details" onClick={onClose} />
      </div>
      {row === undefined ? (
        <Text size="sm" c="dimmed" p={14}>
          Choose a row in the grid.
        </Text>
      ) : (
        <dl className={classes.fields} tabIndex={0}>
          {columns.map((column, index) => (
            <Field key={column.name} column={column} cell={row.cells[index] ?? null} />
          ))}
        </dl>
      )}
    </aside>
  )
}

function Field({ column, cell }: { column: DataColumn; cell: DataCell }) {
  const text = cellText(cell)
  const canCopy = text !== null && text !== '' && !column.isMasked
  return (
    <div className={classes.field}>
      <dt>
        <span className="mono">{column.name}</span>
        <small>{column.type}</small>
      </dt>
      <dd>
        <div className={classes.value}>
          <FullValue column={column} cell={cell} />
        </div>
        {canCopy && <CopyButton value={text} label={`Copy ${column.name}`} />}
      </dd>
    </div>
  )
}

function FullValue({ column, cell }: { column: DataColumn; cell: DataCell }) {
  if (cell === null || cell === '' || column.isMasked) return <DataValue column={column} cell={cell} />
  if (typeof cell === 'object') {
    return (
      <>
        <span className="mono">{cell.preview}…</span>
        <Text size="xs" c="dimmed">
          The beginning of {formatBytes(cell.bytes)}
        </Text>
      </>
    )
  }
  switch (cellKind(column.type)) {
    case 'json':
      return <span className="mono">{prettyJson(cell)}</span>
    case 'uuid':
    case 'binary':
      return <span className="mono">{cell}</span>
    case 'boolean':
      return booleanWord(cell)
    case 'instant':
      return <Instant value={cell} />
    default:
      return cell
  }
}

function Instant({ value }: { value: string }) {
  const date = parsePgTimestamptz(value)
  if (date === undefined) return value
  return (
    <>
      {formatLocal(date)}
      <Text size="xs" c="dimmed" className="numeric">
        {formatUtc(date)}
      </Text>
    </>
  )
}

/** Indented where it is whole; numbers keep their digits, so large ones are left as they are. */
function prettyJson(text: string): string {
  if (/\d{16}/.test(text)) return text
  try {
    return JSON.stringify(JSON.parse(text), null, 2)
  } catch {
    return text
  }
}
