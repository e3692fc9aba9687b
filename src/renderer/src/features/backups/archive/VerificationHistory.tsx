import { IconShieldQuestion } from '@tabler/icons-react'
import type { ArchiveDetail } from '#shared/contract/backup.model.ts'
import { Empty } from '../../../components/Empty.tsx'
import { StateMark } from '../../../components/StateMark.tsx'
import { Timestamp } from '../../../components/Timestamp.tsx'
import { formatDuration } from '../../../lib/format.ts'
import { depthSentence } from '../parts/archive-words.ts'
import parts from '../parts/parts.module.css'
import { TableFrame } from '../parts/TableFrame.tsx'
import classes from './archive.module.css'

/** When an archive was verified, how, and what was found. */
export function VerificationHistory({ archive }: { archive: ArchiveDetail }) {
  if (archive.verifications.length === 0) {
    return (
      <Empty
        icon={IconShieldQuestion}
        title="Never verified"
        description="Verifying reads every object and compares its hash, or restores the archive into a scratch schema. Both are under Actions."
      />
    )
  }
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section className={parts.scroll} tabIndex={0} aria-label="Verifications">
      <div className={parts.stack}>
        <TableFrame label="Verifications">
          <thead>
            <tr>
              <th>When</th>
              <th>Outcome</th>
              <th>How</th>
              <th data-end="true">Took</th>
              <th>By</th>
              <th>Found</th>
            </tr>
          </thead>
          <tbody>
            {archive.verifications.map(verification => (
              <tr key={verification.at}>
                <td style={{ whiteSpace: 'nowrap' }}>
                  <Timestamp value={verification.at} />
                </td>
                <td>
                  {verification.outcome === 'passed' ? (
                    <StateMark meaning="ok">Passed</StateMark>
                  ) : (
                    <StateMark meaning="bad">Failed</StateMark>
                  )}
                </td>
                <td>{depthSentence(verification.depth)}</td>
                <td data-end="true">{formatDuration(verification.durationMs)}</td>
                <td>{verification.who}</td>
                <td>
                  {verification.problems.length === 0 ? (
                    <span className={parts.soft}>nothing wrong</span>
                  ) : (
                    <ul className={classes.problems}>
                      {verification.problems.map(problem => (
                        <li key={problem}>{problem}</li>
                      ))}
                    </ul>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </TableFrame>
      </div>
    </section>
  )
}
