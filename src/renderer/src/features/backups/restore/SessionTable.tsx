import { Text } from '@mantine/core'
import { StateMark } from '../../../components/StateMark.tsx'
import { formatDuration } from '../../../lib/format.ts'
import parts from '../parts/parts.module.css'
import { TableFrame } from '../parts/TableFrame.tsx'
import type { Plan } from './PlanView.tsx'

const HEIGHT = 260

/** Who else is connected to the tenant's data. */
export function SessionTable({ sessions }: { sessions: Plan['sessions'] }) {
  if (sessions.length === 0) {
    return (
      <Text size="sm" c="dimmed">
        Nobody else.
      </Text>
    )
  }
  return (
    <TableFrame label="Sessions" maxHeight={HEIGHT}>
      <thead>
        <tr>
          <th>Who</th>
          <th>From</th>
          <th>State</th>
          <th data-end="true">Transaction</th>
        </tr>
      </thead>
      <tbody>
        {sessions.map(session => (
          <tr key={session.pid}>
            <td>
              <span className={parts.name} style={{ maxWidth: 150 }} title={session.application ?? undefined}>
                {session.user ?? 'unknown'}
              </span>
              <span className={parts.soft} style={{ fontSize: 12 }}>
                {session.application === null || session.application === ''
                  ? `pid ${session.pid}`
                  : session.application}
              </span>
            </td>
            <td className="mono">{session.client ?? 'local'}</td>
            <td>
              {session.holdsLocks ? (
                <StateMark meaning="warn">Holds locks</StateMark>
              ) : (
                (session.state ?? <span className={parts.soft}>–</span>)
              )}
            </td>
            <td data-end="true">
              {session.transactionSeconds === null ? (
                <span className={parts.soft}>none</span>
              ) : (
                formatDuration(session.transactionSeconds * 1_000)
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  )
}
