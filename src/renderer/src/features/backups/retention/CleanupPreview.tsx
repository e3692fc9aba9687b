import { Group, Text } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import type { z } from 'zod'
import type { CleanupItem, CleanupPlan, RetentionPolicy } from '#shared/contract/backup.model.ts'
import { useEnvironment, usePermission } from '../../../app/environment.tsx'
import { useOperation } from '../../../client/hooks.ts'
import { Notice } from '../../../components/Notice.tsx'
import { StateMark } from '../../../components/StateMark.tsx'
import { Timestamp } from '../../../components/Timestamp.tsx'
import { formatBytes, formatCount, formatPlural } from '../../../lib/format.ts'
import { DangerButton } from '../parts/DangerButton.tsx'
import parts from '../parts/parts.module.css'
import { TableFrame } from '../parts/TableFrame.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { CleanupDialog } from './CleanupDialog.tsx'
import classes from './retention.module.css'

const TYPING_MS = 400
/** More lines say no more to a person; the sums count all. */
const MAX_LINES = 500
const KIND_WORDS: Record<z.infer<typeof CleanupItem>['kind'], string> = {
  archive: 'Archive',
  incomplete: 'Incomplete archive',
  kept: 'Kept schema',
  database: 'Unfinished database',
  upload: 'Unfinished upload',
  full: 'Whole-database dump',
}

interface CleanupPreviewProps {
  saved: RetentionPolicy
  /** As the form has it; undefined while it makes no sense. */
  policy: RetentionPolicy | undefined
}

/** A dry run: what would go by the rules as they are in the form, and how much room that frees. */
export function CleanupPreview({ saved, policy }: CleanupPreviewProps) {
  const environment = useEnvironment()
  const [settled] = useDebouncedValue(policy ?? saved, TYPING_MS)
  const isSaved = JSON.stringify(settled) === JSON.stringify(saved)
  const plan = useOperation(
    'backups.cleanupPlan',
    { environmentId: environment.id, ...(isSaved ? {} : { policy: settled }) },
    { keepPrevious: true },
  )
  return (
    <section className={parts.section} aria-labelledby="cleanup-preview">
      <h2 id="cleanup-preview">
        What a clean-up would remove{isSaved ? '' : ' by these rules, which are not saved yet'}
      </h2>
      {plan.data === undefined ? (
        <Waiting query={plan} title="What would go could not be found out" />
      ) : (
        <Preview plan={plan.data} isSaved={isSaved} />
      )}
    </section>
  )
}

function Preview({ plan, isSaved }: { plan: CleanupPlan; isSaved: boolean }) {
  const environment = useEnvironment()
  const permission = usePermission('backups.cleanup', environment)
  const [isAsking, setAsking] = useState(false)
  return (
    <div>
      <Group justify="space-between" mb={8}>
        <span role="status" className="numeric">
          {plan.remove.length === 0 ? (
            <StateMark meaning="ok" form="pill">
              Nothing would go; {formatPlural(plan.keep, 'archive')} {plan.keep === 1 ? 'stays' : 'stay'}
            </StateMark>
          ) : (
            <>
              <strong>
                {formatPlural(plan.remove.length, 'item')} with {formatBytes(plan.removeBytes)} would go
              </strong>
              <span className={parts.soft}>, {formatCount(plan.keep)} archives stay</span>
            </>
          )}
        </span>
        <DangerButton
          disabled={plan.remove.length === 0 || !isSaved || !permission.isAllowed}
          title={permission.reason ?? (isSaved ? undefined : 'Save the rules first')}
          onClick={() => setAsking(true)}
        >
          Clean up…
        </DangerButton>
      </Group>
      {plan.problems.length > 0 && (
        <div style={{ marginBottom: 10 }}>
          <Notice meaning="warn">
            {formatPlural(plan.problems.length, 'thing')} could not be judged and therefore stay:{' '}
            {plan.problems.slice(0, 5).join('; ')}
          </Notice>
        </div>
      )}
      {plan.remove.length > 0 && <Doomed items={plan.remove} />}
      {isAsking && <CleanupDialog plan={plan} onClose={() => setAsking(false)} />}
    </div>
  )
}

function Doomed({ items }: { items: CleanupPlan['remove'] }) {
  return (
    <>
      <TableFrame label="What would go" maxHeight={520}>
        <thead>
          <tr>
            <th>What</th>
            <th>Place</th>
            <th>Age</th>
            <th data-end="true">Stored</th>
            <th>Why</th>
          </tr>
        </thead>
        <tbody>
          {items.slice(0, MAX_LINES).map(item => (
            <tr key={`${item.kind} ${item.key}`}>
              <td style={{ whiteSpace: 'nowrap' }}>{KIND_WORDS[item.kind]}</td>
              <td className={`mono ${classes.key}`}>{item.key}</td>
              <td style={{ whiteSpace: 'nowrap' }}>
                <Timestamp value={item.at} />
              </td>
              <td data-end="true">{item.storedBytes === null ? '–' : formatBytes(item.storedBytes)}</td>
              <td>{item.reason}</td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
      {items.length > MAX_LINES && (
        <Text size="xs" c="dimmed" mt={6}>
          The first {formatCount(MAX_LINES)} of {formatCount(items.length)} are shown.
        </Text>
      )}
    </>
  )
}
