import { ActionIcon, Anchor, Menu, VisuallyHidden } from '@mantine/core'
import {
  IconArrowsDiff,
  IconDots,
  IconFolderOpen,
  IconListCheck,
  IconRestore,
  IconShieldCheck,
  IconTrash,
} from '@tabler/icons-react'
import { useState } from 'react'
import { Link } from 'wouter'
import type { ArchiveRow } from '#shared/contract/backup.model.ts'
import { useEnvironment, usePermission } from '../../../app/environment.tsx'
import { setTrayOpen } from '../../../app/jobs/job-store.ts'
import { paths } from '../../../app/paths.ts'
import { useMutationOperation } from '../../../client/hooks.ts'
import { Timestamp } from '../../../components/Timestamp.tsx'
import { formatBytes, formatCount } from '../../../lib/format.ts'
import { formatLocal } from '../../../lib/time.ts'
import { ArchiveMark, VerifiedText } from '../parts/ArchiveMark.tsx'
import { isUsable } from '../parts/archive-words.ts'
import parts from '../parts/parts.module.css'
import { TableFrame } from '../parts/TableFrame.tsx'
import { DeleteArchiveDialog } from './DeleteArchiveDialog.tsx'
import { LAST_GOOD_REASON } from './last-good.ts'

interface ArchiveTableProps {
  tenant: { id: string; slug: string; name: string }
  archives: readonly ArchiveRow[]
}

const ICON = { size: 16, stroke: 1.7, 'aria-hidden': true } as const
const MENU_WIDTH = 250

/** The archives of a tenant, the latest first, with what can be done to each. */
export function ArchiveTable({ tenant, archives }: ArchiveTableProps) {
  const environment = useEnvironment()
  const [doomed, setDoomed] = useState<ArchiveRow>()
  return (
    <>
      <TableFrame label="Archives">
        <thead>
          <tr>
            <th>Taken</th>
            <th>Age</th>
            <th>State</th>
            <th>Verified</th>
            <th data-end="true">Rows</th>
            <th data-end="true">Stored</th>
            <th data-end="true">Version</th>
            <th>Store</th>
            <th>
              <VisuallyHidden>Actions</VisuallyHidden>
            </th>
          </tr>
        </thead>
        <tbody>
          {archives.map(archive => (
            <tr key={archive.archive}>
              <td>
                <ArchiveLink tenantId={tenant.id} archive={archive} environmentId={environment.id} />
              </td>
              <td>
                <Timestamp value={archive.at} />
              </td>
              <td>
                <ArchiveMark archive={archive} />
              </td>
              <td>{isUsable(archive) ? <VerifiedText verified={archive.verified} /> : <Nothing />}</td>
              <td data-end="true">{archive.rows === null ? <Nothing /> : formatCount(archive.rows)}</td>
              <td data-end="true">{archive.storedBytes === null ? <Nothing /> : formatBytes(archive.storedBytes)}</td>
              <td data-end="true">
                {archive.schemaVersion ?? <Nothing />}
                {archive.schemaSource === 'pg_dump' && (
                  <span
                    className={parts.warn}
                    data-tip="The schema had drifted from its migrations; pg_dump wrote its definitions."
                  >
                    {' '}
                    drifted
                  </span>
                )}
              </td>
              <td>
                <span className={`${parts.name} ${parts.soft}`} style={{ maxWidth: 180 }} title={archive.store}>
                  {archive.store}
                </span>
              </td>
              <td data-end="true">
                <ArchiveMenu tenantId={tenant.id} archive={archive} onDelete={() => setDoomed(archive)} />
              </td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
      {doomed !== undefined && (
        <DeleteArchiveDialog tenant={tenant} archive={doomed} onClose={() => setDoomed(undefined)} />
      )}
    </>
  )
}

const Nothing = () => <span className={parts.soft}>–</span>

interface ArchiveLinkProps {
  environmentId: string
  tenantId: string
  archive: ArchiveRow
}

function ArchiveLink({ environmentId, tenantId, archive }: ArchiveLinkProps) {
  const taken = formatLocal(new Date(archive.at))
  if (archive.state === 'running' || archive.state === 'incomplete') return <span className="numeric">{taken}</span>
  return (
    <Anchor
      component={Link}
      href={paths.archive(environmentId, tenantId, { archive: archive.archive })}
      className="numeric"
      style={{ whiteSpace: 'nowrap' }}
    >
      {taken}
    </Anchor>
  )
}

interface ArchiveMenuProps {
  tenantId: string
  archive: ArchiveRow
  onDelete: () => void
}

function ArchiveMenu({ tenantId, archive, onDelete }: ArchiveMenuProps) {
  const environment = useEnvironment()
  const verify = useMutationOperation('backups.verify')
  const mayVerify = usePermission('backups.verify', environment)
  const mayRestore = usePermission('backups.prepare', environment)
  const mayDelete = usePermission('backups.delete', environment)
  const taken = formatLocal(new Date(archive.at))
  const usable = isUsable(archive)
  const check = (depth: 'hashes' | 'restore') =>
    verify.mutate(
      { environmentId: environment.id, tenantId, archive: archive.archive, depth },
      { onSuccess: () => setTrayOpen(true) },
    )
  const at = (view?: string) =>
    paths.archive(environment.id, tenantId, {
      archive: archive.archive,
      ...(view === undefined ? {} : { view }),
    })
  const whyNoDelete = archive.isLastGood
    ? LAST_GOOD_REASON
    : archive.state === 'running'
      ? 'A backup is writing it now.'
      : mayDelete.reason
  return (
    <Menu position="bottom-end" width={MENU_WIDTH}>
      <Menu.Target>
        <ActionIcon size={26} aria-label={`Actions for the archive of ${taken}`}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {usable && (
          <>
            <Menu.Item component={Link} href={at()} leftSection={<IconFolderOpen {...ICON} />}>
              Open
            </Menu.Item>
            <Menu.Item component={Link} href={at('compare')} leftSection={<IconArrowsDiff {...ICON} />}>
              Compare…
            </Menu.Item>
            <Menu.Item
              leftSection={<IconListCheck {...ICON} />}
              disabled={!mayVerify.isAllowed}
              title={mayVerify.reason}
              onClick={() => check('hashes')}
            >
              Verify its hashes
            </Menu.Item>
            <Menu.Item
              leftSection={<IconShieldCheck {...ICON} />}
              disabled={!mayVerify.isAllowed}
              title={mayVerify.reason}
              onClick={() => check('restore')}
            >
              Verify by a scratch restore
            </Menu.Item>
            {mayRestore.isAllowed && (
              <Menu.Item
                component={Link}
                href={paths.restorePlan(environment.id, tenantId, archive.archive)}
                leftSection={<IconRestore {...ICON} />}
              >
                Restore…
              </Menu.Item>
            )}
            <Menu.Divider />
          </>
        )}
        <Menu.Item
          leftSection={<IconTrash {...ICON} />}
          color="var(--bad)"
          disabled={whyNoDelete !== undefined}
          onClick={onDelete}
        >
          Delete…
        </Menu.Item>
        {whyNoDelete !== undefined && <Menu.Label>{whyNoDelete}</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  )
}
