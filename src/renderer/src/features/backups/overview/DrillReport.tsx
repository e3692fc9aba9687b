import type { z } from 'zod'
import type { contracts } from '#shared/contract/index.ts'
import { StateMark } from '../../../components/StateMark.tsx'
import { formatDuration, formatPlural } from '../../../lib/format.ts'
import { TableFrame } from '../parts/TableFrame.tsx'

type Report = z.infer<typeof contracts.backups.drill.output>

/** The evidence of a drill: what was restored, in what time, and what was wrong. */
export function DrillReport({ report }: { report: Report }) {
  const results = [...report.results].sort((a, b) => a.outcome.localeCompare(b.outcome))
  return (
    <TableFrame label={`${formatPlural(report.passed, 'restore')} passed, ${report.failed} failed`}>
      <thead>
        <tr>
          <th>Outcome</th>
          <th>Tenant</th>
          <th data-end="true">Restored in</th>
          <th>Found</th>
        </tr>
      </thead>
      <tbody>
        {results.map(result => (
          <tr key={result.archive}>
            <td>
              {result.outcome === 'passed' ? (
                <StateMark meaning="ok">Passed</StateMark>
              ) : (
                <StateMark meaning="bad">Failed</StateMark>
              )}
            </td>
            <td className="mono">{result.slug}</td>
            <td data-end="true">{formatDuration(result.durationMs)}</td>
            <td data-wide="true">{result.problems.join('; ')}</td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  )
}
