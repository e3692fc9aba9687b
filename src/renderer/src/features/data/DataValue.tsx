import { IconLock } from '@tabler/icons-react'
import { useState } from 'react'
import type { DataCell, DataColumn } from '#shared/contract/data.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { formatBytes, shortId } from '../../lib/format.ts'
import { cellKind } from './cell-kind.ts'
import classes from './data-value.module.css'
import { HostileText } from './HostileText.tsx'
import { shownInstant } from './instant.ts'
import { headOf } from './visible-text.ts'

/** More than any column shows; a cell of 2,000 characters costs the browser as much as a whole row. */
const CELL_CHARACTERS = 240

interface DataValueProps {
  column: DataColumn
  cell: DataCell
}

/** One value in the grid: on one line, told apart by type, and NULL apart from the empty text. */
export function DataValue({ column, cell }: DataValueProps) {
  if (cell === null) return <NullMark />
  if (column.isMasked) return <MaskedMark />
  if (typeof cell === 'object') return <LongValue cell={cell} type={column.type} />
  if (cell === '') return <EmptyMark />
  switch (cellKind(column.type)) {
    case 'uuid':
      return <UuidValue value={cell} />
    case 'boolean':
      return <span className={cell === 'true' ? undefined : classes.quiet}>{cell}</span>
    case 'instant':
      return <InstantValue value={cell} />
    case 'number':
    case 'time':
      return <span className="numeric truncate">{cell}</span>
    case 'json':
    case 'binary':
      return <Line text={cell} isCode />
    case 'text':
      return <Line text={cell} />
  }
}

export const NullMark = () => <span className={classes.null}>NULL</span>

export const EmptyMark = () => <span className={classes.empty}>empty text</span>

export function MaskedMark() {
  return (
    <span className={classes.masked} data-tip="Personal data, masked before it leaves the main process">
      <IconLock size={13} stroke={1.9} aria-hidden />
      masked
    </span>
  )
}

export function SizeMark({ bytes }: { bytes: number }) {
  return <span className={classes.size}>{formatBytes(bytes)}</span>
}

function Line({ text, isCode = false }: { text: string; isCode?: boolean }) {
  return (
    <span className={isCode ? `mono truncate ${classes.code}` : 'truncate'}>
      <HostileText text={headOf(text, CELL_CHARACTERS)} />
      {text.length > CELL_CHARACTERS && '…'}
    </span>
  )
}

function LongValue({ cell, type }: { cell: { preview: string; bytes: number }; type: string }) {
  return (
    <>
      <Line text={cell.preview} isCode={cellKind(type) !== 'text'} />
      <SizeMark bytes={cell.bytes} />
    </>
  )
}

/** Its copy button is made when the mouse comes: one in every row would cost more than the rows. */
function UuidValue({ value }: { value: string }) {
  const [wasEntered, setEntered] = useState(false)
  return (
    <span className={classes.uuid} onPointerEnter={() => setEntered(true)}>
      <span className="mono" data-tip={value}>
        {shortId(value)}…
      </span>
      {wasEntered && (
        <span className={classes.copy}>
          <CopyButton value={value} label="Copy the id" isTabStop={false} />
        </span>
      )}
    </span>
  )
}

function InstantValue({ value }: { value: string }) {
  const shown = shownInstant(value)
  if (shown === undefined) return <span className="numeric truncate">{value}</span>
  return (
    <time dateTime={shown.iso} className="numeric truncate" data-tip={shown.utc}>
      {shown.local}
    </time>
  )
}
