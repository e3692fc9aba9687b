import { Drawer, Stack, Text } from '@mantine/core'
import type { AuditEntry } from '#shared/contract/audit.ts'
import { operations } from '#shared/contract/index.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { Timestamp } from '../../components/Timestamp.tsx'
import { formatDuration } from '../../lib/format.ts'
import classes from './audit.module.css'
import { OutcomeMark } from './audit-columns.tsx'

/** One audit entry in full, with the input as it was given, less its secrets. */
export function AuditDetails({ entry, onClose }: { entry: AuditEntry | undefined; onClose: () => void }) {
  return (
    <Drawer opened={entry !== undefined} onClose={onClose} size={480} title="Audit entry">
      {entry !== undefined && (
        <Stack gap={16}>
          <Text fw={600}>{operations.get(entry.operation)?.summary ?? entry.operation}</Text>
          <dl className={classes.facts}>
            <dt>Operation</dt>
            <dd className="mono">{entry.operation}</dd>
            <dt>Outcome</dt>
            <dd>
              <OutcomeMark outcome={entry.outcome} />
            </dd>
            <dt>Time</dt>
            <dd>
              <Timestamp value={entry.at} form="full" />
            </dd>
            <dt>Took</dt>
            <dd>{formatDuration(entry.durationMs)}</dd>
            <dt>Who</dt>
            <dd>
              {entry.who}, from {entry.host}
            </dd>
            <dt>Environment</dt>
            <dd>{entry.environmentName ?? '–'}</dd>
            <dt>Tenant</dt>
            <dd className={entry.tenantSlug === null ? '' : 'mono'}>{entry.tenantSlug ?? '–'}</dd>
            {entry.errorId !== null && (
              <>
                <dt>Error id</dt>
                <dd className="mono">
                  {entry.errorId} <CopyButton value={entry.errorId} label="Copy the error’s id" />
                </dd>
              </>
            )}
          </dl>
          <div>
            <Text size="sm" fw={550} mb={4}>
              Input
            </Text>
            {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard. */}
            <pre className={classes.input} tabIndex={0}>
              {JSON.stringify(entry.input, null, 2)}
            </pre>
          </div>
        </Stack>
      )}
    </Drawer>
  )
}
