import { IconSquare, IconSquareCheckFilled } from '@tabler/icons-react'
import type { DataCell, DataColumn } from '#shared/contract/data.ts'
import type { GridColumn } from '../../../components/grid/types.ts'
import { cellKind, columnWidth, copyableText } from '../../data/cell-kind.ts'
import { DataValue } from '../../data/DataValue.tsx'
import { ColumnMark } from '../../data/data-columns.tsx'
import { visibleText } from '../../data/visible-text.ts'
import type { DifferenceKind } from './ComparisonTable.tsx'
import classes from './compare.module.css'
import {
  asDataColumn,
  type ChangeLine,
  type DifferenceColumn,
  type DifferenceRow,
  keyOf,
  keyText,
} from './difference-lines.ts'
import type { SideWords } from './side-words.ts'

/** Rows chosen by key, in the order of the key's columns. */
export interface RowChoiceState {
  has: (key: readonly string[]) => boolean
  toggle: (key: readonly string[]) => void
}

/** Whole rows: those that only one side has, or the archive's side of changed ones where rows are chosen. */
export function rowColumns(
  columns: readonly DifferenceColumn[],
  kind: DifferenceKind,
  choice: RowChoiceState | undefined,
): GridColumn<DifferenceRow>[] {
  const cellsOf = (row: DifferenceRow) => (kind === 'onlyRight' ? row.right : (row.left ?? row.right)) ?? []
  const values = columns.map((plain, index) => valueColumn(asDataColumn(plain), row => cellsOf(row)[index] ?? null))
  if (choice === undefined) return values
  const chosen: GridColumn<DifferenceRow> = {
    id: ' chosen',
    title: 'Chosen',
    width: 96,
    render: row => <ChosenMark isChosen={choice.has(keyOf(row, columns))} name={keyText(row, columns)} />,
  }
  if (kind !== 'changed') return [chosen, ...values]
  const changed: GridColumn<DifferenceRow> = {
    id: ' changed',
    title: 'Columns that changed',
    hint: 'The values beside are those of the archive, which would come back',
    width: 220,
    render: row => <span className="mono truncate">{row.changed.map(visibleText).join(', ')}</span>,
  }
  return [chosen, changed, ...values]
}

function valueColumn(column: DataColumn, cellOf: (row: DifferenceRow) => DataCell): GridColumn<DifferenceRow> {
  return {
    id: column.name,
    title: visibleText(column.name),
    hint: column.type,
    mark: column.isPrimaryKey || column.isMasked ? <ColumnMark column={column} /> : undefined,
    width: columnWidth(column, []),
    isEnd: cellKind(column.type) === 'number',
    copyText: row => copyableText(column, cellOf(row)),
    render: row => <DataValue column={column} cell={cellOf(row)} />,
  }
}

function ChosenMark({ isChosen, name }: { isChosen: boolean; name: string }) {
  return isChosen ? (
    <IconSquareCheckFilled size={17} color="var(--accent)" aria-label={`${name} is chosen`} />
  ) : (
    <IconSquare size={17} aria-label={`${name} is not chosen`} />
  )
}

/** Changed values: the row's key, the column, and what each side holds. */
export function changeColumns(sides: SideWords, columns: readonly DifferenceColumn[]): GridColumn<ChangeLine>[] {
  const keys = columns.filter(column => column.isPrimaryKey).map(column => column.name)
  return [
    {
      id: 'key',
      title: keys.length === 0 ? 'Row' : visibleText(keys.join(', ')),
      hint: 'Primary key of the row',
      width: 300,
      copyText: line => line.key,
      render: line => (
        <span className={`mono truncate ${line.isFirst ? '' : classes.again}`} title={line.key}>
          {line.isFirst ? line.key : '″'}
        </span>
      ),
    },
    {
      id: 'column',
      title: 'Column',
      width: 180,
      copyText: line => line.column.name,
      render: line => <span className="mono truncate">{visibleText(line.column.name)}</span>,
    },
    sideColumn('left', sides.left, '−'),
    sideColumn('right', sides.right, '+'),
  ]
}

/** The side is told by its column, its sign and its colour. */
function sideColumn(side: 'left' | 'right', title: string, sign: string): GridColumn<ChangeLine> {
  return {
    id: side,
    title,
    width: 300,
    canGrow: true,
    copyText: line => copyableText(line.column, line[side]),
    render: line => (
      <span className={classes.side}>
        <span className={classes.sign} data-side={side} aria-hidden="true">
          {sign}
        </span>
        <DataValue column={line.column} cell={line[side]} />
      </span>
    ),
  }
}
