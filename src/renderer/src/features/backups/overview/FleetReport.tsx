import type { FleetBackupReport, FleetOutcome } from '#shared/contract/backup.model.ts'
import { type Meaning, StateMark } from '../../../components/StateMark.tsx'
import { formatBytes, formatCount, formatDuration } from '../../../lib/format.ts'
import parts from '../parts/parts.module.css'
import { TableFrame } from '../parts/TableFrame.tsx'
import classes from './overview.module.css'

const LOOK: Record<FleetOutcome['outcome'], { meaning: Meaning; word: string }> = {
  failed: { meaning: 'bad', word: 'Failed' },
  skipped: { meaning: 'warn', word: 'Skipped' },
  done: { meaning: 'ok', word: 'Done' },
}
const ORDER = ['failed', 'skipped', 'done'] as const
const TABLE_HEIGHT = 320

/** How a backup of all tenants went for each of them; the failed ones first. */
export function FleetReport({ report }: { report: FleetBackupReport }) {
  const rows = [...report.outcomes].sort((a, b) => ORDER.indexOf(a.outcome) - ORDER.indexOf(b.outcome))
  const all = report.done + report.failed + report.skipped
  return (
    <div>
      <div className={classes.counts} role="status">
        {report.failed > 0 && (
          <StateMark meaning="bad" form="pill">
            {formatCount(report.failed)} failed
          </StateMark>
        )}
        {report.skipped > 0 && (
          <StateMark meaning="warn" form="pill">
            {formatCount(report.skipped)} skipped
          </StateMark>
        )}
        <StateMark meaning="ok" form="pill">
          {formatCount(report.done)} done
        </StateMark>
        <span className={`numeric ${parts.soft}`}>
          {formatBytes(report.storedBytes)} stored in {formatDuration(report.durationMs)}
          {rows.length < all && ` · the first ${formatCount(rows.length)} of ${formatCount(all)} are shown`}
        </span>
      </div>
      <TableFrame label="Outcome for each tenant" maxHeight={TABLE_HEIGHT}>
        <thead>
          <tr>
            <th>Outcome</th>
            <th>Tenant</th>
            <th>Why</th>
            <th data-end="true">Rows</th>
            <th data-end="true">Stored</th>
            <th data-end="true">Took</th>
          </tr>
        </thead>
        <tbody>
          {rows.map(row => (
            <tr key={row.tenantId}>
              <td>
                <StateMark meaning={LOOK[row.outcome].meaning}>{LOOK[row.outcome].word}</StateMark>
              </td>
              <td>
                <span className={`mono ${parts.name}`} title={row.slug}>
                  {row.slug}
                </span>
              </td>
              <td data-wide="true">{row.problem ?? ''}</td>
              <td data-end="true">{row.rows === null ? '–' : formatCount(row.rows)}</td>
              <td data-end="true">{row.storedBytes === null ? '–' : formatBytes(row.storedBytes)}</td>
              <td data-end="true">{formatDuration(row.durationMs)}</td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
    </div>
  )
}
