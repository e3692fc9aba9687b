import type { z } from 'zod'
import type { RestoreVerification } from '#shared/contract/restore.model.ts'
import { StateMark } from '../../../components/StateMark.tsx'
import { formatCount } from '../../../lib/format.ts'
import parts from '../parts/parts.module.css'
import { TableFrame } from '../parts/TableFrame.tsx'

/** What is live against what the archive holds, table by table; those that differ come first. */
export function VerificationTable({ verification }: { verification: z.infer<typeof RestoreVerification> }) {
  const tables = [...verification.tables].sort(
    (a, b) => Number(a.isEqual) - Number(b.isEqual) || a.table.localeCompare(b.table),
  )
  return (
    <TableFrame label="Verification by table">
      <thead>
        <tr>
          <th>Table</th>
          <th>Outcome</th>
          <th data-end="true">Rows live</th>
          <th data-end="true">Rows expected</th>
          <th>Note</th>
        </tr>
      </thead>
      <tbody>
        {tables.map(table => (
          <tr key={table.table}>
            <td>
              <span className={`mono ${parts.name}`} title={table.table}>
                {table.table}
              </span>
            </td>
            <td>
              {table.isEqual ? <StateMark meaning="ok">Equal</StateMark> : <StateMark meaning="bad">Differs</StateMark>}
            </td>
            <td data-end="true">{formatCount(table.rows)}</td>
            <td data-end="true">{formatCount(table.expectedRows)}</td>
            <td data-wide="true">{table.note}</td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  )
}
