import { IconLock } from '@tabler/icons-react'
import type { DataCell, DataColumn } from '#shared/contract/data.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { formatBytes, shortId } from '../../lib/format.ts'
import { formatLocal, formatUtc, parsePgTimestamptz } from '../../lib/time.ts'
import { cellKind } from './cell-kind.ts'
import classes from './data-value.module.css'

interface DataValueProps {
  column: DataColumn
  cell: DataCell
}

/** One value in the grid: on one line, told apart by type, and NULL apart from the empty text. */
export function DataValue({ column, cell }: DataValueProps) {
  if (cell === null) return <span className={classes.null}>NULL</span>
  if (column.isMasked) return <MaskedValue />
  if (typeof cell === 'object') return <LongValue cell={cell} />
  if (cell === '') return <span className={classes.quiet}>empty text</span>
  switch (cellKind(column.type)) {
    case 'uuid':
      return <UuidValue value={cell} />
    case 'boolean':
      return <span className={cell === 't' ? undefined : classes.quiet}>{booleanWord(cell)}</span>
    case 'instant':
      return <InstantValue value={cell} />
    case 'json':
    case 'binary':
      return <span className={`mono truncate ${classes.code}`}>{cell}</span>
    case 'number':
    case 'time':
      return <span className="numeric truncate">{cell}</span>
    case 'text':
      return <span className="truncate">{cell}</span>
  }
}

export const booleanWord = (cell: string): string => (cell === 't' ? 'true' : cell === 'f' ? 'false' : cell)

export function MaskedValue() {
  return (
    <span className={classes.masked} data-tip="Personal data: masked before it leaves the main process">
      <IconLock size={13} stroke={1.9} aria-hidden />
      <span>masked</span>
    </span>
  )
}

function LongValue({ cell }: { cell: { preview: string; bytes: number } }) {
  return (
    <>
      <span className={`mono truncate ${classes.code}`}>{cell.preview}</span>
      <span className={classes.size}>{formatBytes(cell.bytes)}</span>
    </>
  )
}

function UuidValue({ value }: { value: string }) {
  return (
    <>
      <span className="mono" data-tip={value}>
        {shortId(value)}…
      </span>
      <span className={classes.onHover}>
        <CopyButton value={value} label="Copy the id" isTabStop={false} />
      </span>
    </>
  )
}

function InstantValue({ value }: { value: string }) {
  const date = parsePgTimestamptz(value)
  if (date === undefined) return <span className="truncate">{value}</span>
  return (
    <time
      dateTime={date.toISOString()}
      className="numeric truncate"
      data-tip={`${formatUtc(date)}\nas stored: ${value}`}
    >
      {formatLocal(date)}
    </time>
  )
}
