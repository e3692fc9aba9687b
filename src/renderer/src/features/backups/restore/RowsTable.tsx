import { Anchor, Select } from '@mantine/core'
import type { TableComparison } from '#shared/contract/backup.model.ts'
import { formatCount, formatPlural } from '../../../lib/format.ts'
import type { DifferenceKind } from '../compare/ComparisonTable.tsx'
import parts from '../parts/parts.module.css'
import { TableFrame } from '../parts/TableFrame.tsx'
import { type Choices, type RowMode, withAllRows, withMode } from './row-choices.ts'

const MODES = [
  { value: 'none', label: 'Leave as it is' },
  { value: 'insert-missing', label: 'Bring missing rows back' },
  { value: 'overwrite', label: 'Bring back and overwrite changed' },
]

interface RowsTableProps {
  tables: readonly TableComparison[]
  choices: Choices
  onChange: (choices: Choices) => void
  onOpen: (table: string, kind: DifferenceKind) => void
}

/** What to bring back, table by table. */
export function RowsTable({ tables, choices, onChange, onOpen }: RowsTableProps) {
  return (
    <TableFrame label="Tables to bring rows back into">
      <thead>
        <tr>
          <th>Table</th>
          <th data-end="true">Missing in live</th>
          <th data-end="true">Changed in live</th>
          <th>What to do</th>
          <th>Rows</th>
        </tr>
      </thead>
      <tbody>
        {tables.map(({ table, onlyLeft, changed }) => {
          const choice = choices[table]
          return (
            <tr key={table} data-selected={choice !== undefined}>
              <td>
                <span className={`mono ${parts.name}`} title={table}>
                  {table}
                </span>
              </td>
              <td data-end="true">{formatCount(onlyLeft)}</td>
              <td data-end="true">{formatCount(changed)}</td>
              <td>
                <Select
                  size="xs"
                  w={260}
                  aria-label={`What to do with ${table}`}
                  data={MODES}
                  allowDeselect={false}
                  value={choice?.mode ?? 'none'}
                  onChange={value =>
                    onChange(withMode(choices, table, value === 'none' ? undefined : (value as RowMode)))
                  }
                />
              </td>
              <td style={{ whiteSpace: 'nowrap' }}>
                {choice?.keys === undefined ? (
                  choice !== undefined && 'all that differ'
                ) : (
                  <>
                    {formatPlural(choice.keys.length, 'row')}{' '}
                    <Anchor component="button" type="button" onClick={() => onChange(withAllRows(choices, table))}>
                      take all
                    </Anchor>
                  </>
                )}{' '}
                <Anchor
                  component="button"
                  type="button"
                  onClick={() => onOpen(table, onlyLeft === '0' ? 'changed' : 'onlyLeft')}
                >
                  choose rows
                </Anchor>
              </td>
            </tr>
          )
        })}
      </tbody>
    </TableFrame>
  )
}
