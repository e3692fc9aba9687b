import { Anchor, Switch } from '@mantine/core'
import { useState } from 'react'
import type { DIFFERENCE_KINDS, TableComparison } from '#shared/contract/backup.model.ts'
import { StateMark } from '../../../components/StateMark.tsx'
import { formatCount, formatPlural } from '../../../lib/format.ts'
import parts from '../parts/parts.module.css'
import { barOf, byDifference, totalsOf } from '../parts/sums.ts'
import { TableFrame } from '../parts/TableFrame.tsx'
import classes from './compare.module.css'
import type { SideWords } from './side-words.ts'

export type DifferenceKind = (typeof DIFFERENCE_KINDS)[number]

/** Pixels; longer names are cut, and whole on hover. */
const NAME_WIDTH = 250

interface ComparisonTableProps {
  tables: readonly TableComparison[]
  sides: SideWords
  /** Shows the rows of one kind of difference. */
  onOpen?: ((table: string, kind: DifferenceKind) => void) | undefined
  openTable?: string | undefined
}

/** How two sides differ, table by table: those that differ most first, the equal ones on demand. */
export function ComparisonTable({ tables, sides, onOpen, openTable }: ComparisonTableProps) {
  const [isAll, setAll] = useState(false)
  const totals = totalsOf(tables)
  const equal = totals.tables - totals.differing
  const shown = byDifference(tables).filter(table => isAll || table.state !== 'equal')
  return (
    <div>
      <div className={classes.summary}>
        <span role="status">
          {totals.differing === 0 ? (
            <StateMark meaning="ok" form="pill">
              All {formatPlural(totals.tables, 'table')} are equal
            </StateMark>
          ) : (
            <strong>
              {formatCount(totals.differing)} of {formatPlural(totals.tables, 'table')}{' '}
              {totals.differing === 1 ? 'differs' : 'differ'}
            </strong>
          )}
        </span>
        <Legend sides={sides} />
        <span className={parts.grow} />
        {equal > 0 && (
          <Switch
            size="xs"
            label={`Show the ${formatPlural(equal, 'equal table')}`}
            checked={isAll}
            onChange={event => setAll(event.currentTarget.checked)}
          />
        )}
      </div>
      {shown.length > 0 && (
        <TableFrame label="Differences by table">
          <thead>
            <tr>
              <th>Table</th>
              <th>State</th>
              <th className={classes.barHead}>Share of rows</th>
              <th data-end="true">{sides.leftRows}</th>
              <th data-end="true">{sides.rightRows}</th>
              <th data-end="true">{sides.onlyLeft}</th>
              <th data-end="true">{sides.onlyRight}</th>
              <th data-end="true">Changed</th>
            </tr>
          </thead>
          <tbody>
            {shown.map(table => (
              <ComparisonLine
                key={table.table}
                table={table}
                sides={sides}
                onOpen={onOpen}
                isSelected={table.table === openTable}
              />
            ))}
          </tbody>
          <tfoot>
            <tr>
              <td colSpan={5}>In all</td>
              <td data-end="true">{formatCount(totals.onlyLeft.toString())}</td>
              <td data-end="true">{formatCount(totals.onlyRight.toString())}</td>
              <td data-end="true">{formatCount(totals.changed.toString())}</td>
            </tr>
          </tfoot>
        </TableFrame>
      )}
    </div>
  )
}

interface ComparisonLineProps extends Pick<ComparisonTableProps, 'sides' | 'onOpen'> {
  table: TableComparison
  isSelected: boolean
}

function ComparisonLine({ table, sides, onOpen, isSelected }: ComparisonLineProps) {
  const count = (kind: DifferenceKind, value: string, words: string) => {
    if (value === '0') return <span className={parts.soft}>0</span>
    if (onOpen === undefined) return formatCount(value)
    return (
      <Anchor
        component="button"
        type="button"
        className="numeric"
        aria-label={`${formatCount(value)} ${words} in ${table.table}: show the rows`}
        onClick={() => onOpen(table.table, kind)}
      >
        {formatCount(value)}
      </Anchor>
    )
  }
  return (
    <tr data-selected={isSelected}>
      <td>
        <span className={`mono ${parts.name}`} style={{ maxWidth: NAME_WIDTH }} title={table.table}>
          {table.table}
        </span>
        {(table.note !== null || !table.hasKey) && (
          <span className={classes.tableNote}>
            {[table.note, table.hasKey ? null : 'no primary key: rows are only here or only there']
              .filter(note => note !== null)
              .join('; ')}
          </span>
        )}
      </td>
      <td>
        <TableState table={table} sides={sides} />
      </td>
      <td>
        <Bar table={table} />
      </td>
      <td data-end="true">{table.leftRows === null ? 'no table' : formatCount(table.leftRows)}</td>
      <td data-end="true">{table.rightRows === null ? 'no table' : formatCount(table.rightRows)}</td>
      <td data-end="true">{count('onlyLeft', table.onlyLeft, sides.onlyLeft.toLowerCase())}</td>
      <td data-end="true">{count('onlyRight', table.onlyRight, sides.onlyRight.toLowerCase())}</td>
      <td data-end="true">{count('changed', table.changed, 'changed')}</td>
    </tr>
  )
}

function TableState({ table, sides }: { table: TableComparison; sides: SideWords }) {
  switch (table.state) {
    case 'equal':
      return <StateMark meaning="ok">Equal</StateMark>
    case 'different':
      return <StateMark meaning="info">Different</StateMark>
    case 'only-left':
      return <StateMark meaning="warn">{sides.onlyLeft}</StateMark>
    case 'only-right':
      return <StateMark meaning="warn">{sides.onlyRight}</StateMark>
  }
}

const PARTS = ['onlyLeft', 'changed', 'onlyRight', 'equal'] as const

function Bar({ table }: { table: TableComparison }) {
  const shares = barOf(table)
  return (
    <div className={classes.bar} aria-hidden="true">
      {PARTS.filter(part => shares[part] > 0).map(part => (
        <span key={part} data-part={part} style={{ width: `${shares[part]}%` }} />
      ))}
    </div>
  )
}

function Legend({ sides }: { sides: SideWords }) {
  const words = { onlyLeft: sides.onlyLeft, changed: 'Changed', onlyRight: sides.onlyRight, equal: 'Equal' }
  return (
    <span className={classes.legend}>
      {PARTS.map(part => (
        <span key={part} className={classes.key}>
          <span className={classes.swatch} data-part={part} />
          {words[part]}
        </span>
      ))}
    </span>
  )
}
