import { ActionIcon, Menu, VisuallyHidden } from '@mantine/core'
import { IconDatabaseImport, IconDots, IconListCheck, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import type { FullDump } from '#shared/contract/full-dumps.ts'
import { useEnvironment, usePermission } from '../../../app/environment.tsx'
import { setTrayOpen } from '../../../app/jobs/job-store.ts'
import { useMutationOperation } from '../../../client/hooks.ts'
import { ConfirmDialog } from '../../../components/ConfirmDialog.tsx'
import { Notice } from '../../../components/Notice.tsx'
import { StateMark } from '../../../components/StateMark.tsx'
import { Timestamp } from '../../../components/Timestamp.tsx'
import { formatBytes } from '../../../lib/format.ts'
import { shortVersion } from '../../../lib/short-version.ts'
import { formatLocal } from '../../../lib/time.ts'
import { HashText } from '../parts/HashText.tsx'
import parts from '../parts/parts.module.css'
import { TableFrame } from '../parts/TableFrame.tsx'
import { useConfirmation } from '../parts/use-confirmation.ts'
import { RestoreDumpDialog } from './RestoreDumpDialog.tsx'

const ICON = { size: 16, stroke: 1.7, 'aria-hidden': true } as const
const FORMATS: Record<FullDump['format'], string> = { custom: 'custom', 'sql.gz': 'SQL text' }

type Asked = { what: 'restore' | 'delete'; dump: FullDump }

/** The dumps of the whole database, the latest first. */
export function DumpTable({ dumps }: { dumps: readonly FullDump[] }) {
  const [asked, setAsked] = useState<Asked>()
  const close = () => setAsked(undefined)
  return (
    <>
      <TableFrame label="Dumps">
        <thead>
          <tr>
            <th>Taken</th>
            <th>Age</th>
            <th>State</th>
            <th>Format</th>
            <th>Database</th>
            <th>Server</th>
            <th data-end="true">Stored</th>
            <th>SHA-256</th>
            <th>
              <VisuallyHidden>Actions</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {dumps.map(dump => (
            <tr key={dump.key}>
              <td style={{ whiteSpace: 'nowrap' }}>{formatLocal(new Date(dump.at))}</td>
              <td>
                <Timestamp value={dump.at} />
              </td>
              <td>
                {dump.state === 'complete' ? (
                  <StateMark meaning="ok">Complete</StateMark>
                ) : (
                  <StateMark meaning="warn">Incomplete</StateMark>
                )}
              </td>
              <td>{FORMATS[dump.format]}</td>
              <td>
                <span className={`mono ${parts.name}`} style={{ maxWidth: 180 }} title={dump.database ?? undefined}>
                  {dump.database ?? '–'}
                </span>
              </td>
              <td>{dump.serverVersion === null ? '–' : shortVersion(dump.serverVersion)}</td>
              <td data-end="true">{formatBytes(dump.storedBytes)}</td>
              <td>{dump.sha256 === null ? '–' : <HashText value={dump.sha256} />}</td>
              <td data-end="true">
                <DumpMenu dump={dump} onAsk={what => setAsked({ what, dump })} />
              </td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
      {asked?.what === 'restore' && <RestoreDumpDialog dump={asked.dump} onClose={close} />}
      {asked?.what === 'delete' && <DeleteDumpDialog dump={asked.dump} onClose={close} />}
    </>
  )
}

function DumpMenu({ dump, onAsk }: { dump: FullDump; onAsk: (what: Asked['what']) => void }) {
  const environment = useEnvironment()
  const verify = useMutationOperation('backups.verifyFull')
  const mayVerify = usePermission('backups.verifyFull', environment)
  const mayRestore = usePermission('backups.restoreFull', environment)
  const mayDelete = usePermission('backups.deleteFull', environment)
  const isWhole = dump.state === 'complete'
  return (
    <Menu position="bottom-end" width={250}>
      <Menu.Target>
        <ActionIcon size={26} aria-label={`Actions for the dump of ${formatLocal(new Date(dump.at))}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item
          leftSection={<IconListCheck {...ICON} />}
          disabled={!isWhole || !mayVerify.isAllowed}
          title={mayVerify.reason}
          onClick={() =>
            verify.mutate({ environmentId: environment.id, key: dump.key }, { onSuccess: () => setTrayOpen(true) })
          }
        >
          Verify
        </Menu.Item>
        <Menu.Item
          leftSection={<IconDatabaseImport {...ICON} />}
          disabled={!isWhole || !mayRestore.isAllowed}
          title={mayRestore.reason}
          onClick={() => onAsk('restore')}
        >
          Restore into a new database…
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconTrash {...ICON} />}
          color="var(--bad)"
          disabled={!mayDelete.isAllowed}
          title={mayDelete.reason}
          onClick={() => onAsk('delete')}
        >
          Delete…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}

function DeleteDumpDialog({ dump, onClose }: { dump: FullDump; onClose: () => void }) {
  const environment = useEnvironment()
  const confirmation = useConfirmation()
  const remove = useMutationOperation('backups.deleteFull', { isQuiet: true })
  return (
    <ConfirmDialog
      title={`Delete the dump of ${formatLocal(new Date(dump.at))}`}
      actionLabel="Delete for good"
      keepLabel="Keep the dump"
      isDestructive
      expected={environment.name}
      expectedName="name of the environment"
      reason={confirmation.reason}
      reasonNote="Kept in the audit log."
      isRunning={remove.isPending}
      error={remove.error}
      onClose={onClose}
      onConfirm={confirmed =>
        remove.mutate(
          { environmentId: environment.id, key: dump.key, confirmation: confirmation.of(confirmed) },
          {
            onSuccess: () => {
              setTrayOpen(true)
              onClose()
            },
          },
        )
      }
    >
      <Notice meaning="bad">
        <strong>
          The state of {dump.database ?? 'the database'} at {formatLocal(new Date(dump.at))} will be lost:{' '}
          {formatBytes(dump.storedBytes)} in the store.
        </strong>{' '}
        Nothing in Tenantry can undo it.
      </Notice>
    </ConfirmDialog>
  )
}
