import { Button, Menu } from '@mantine/core'
import { IconChevronDown, IconCopyPlus, IconListCheck, IconShieldCheck, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { ArchiveDetail } from '#shared/contract/backup.model.ts'
import { useEnvironment, usePermission } from '../../../app/environment.tsx'
import { setTrayOpen } from '../../../app/jobs/job-store.ts'
import { paths } from '../../../app/paths.ts'
import { useViewState } from '../../../app/view-state.ts'
import { useMutationOperation } from '../../../client/hooks.ts'
import { isUsable } from '../parts/archive-words.ts'
import { DeleteArchiveDialog } from '../timeline/DeleteArchiveDialog.tsx'
import { LAST_GOOD_REASON } from '../timeline/last-good.ts'

const ICON = { size: 16, stroke: 1.7, 'aria-hidden': true } as const
const MENU_WIDTH = 250

/** What can be done to an archive besides restoring it. */
export function ArchiveMenu({ tenantId, archive }: { tenantId: string; archive: ArchiveDetail }) {
  const environment = useEnvironment()
  const [, navigate] = useLocation()
  const [, setView] = useViewState()
  const [isDeleting, setDeleting] = useState(false)
  const verify = useMutationOperation('backups.verify')
  const mayVerify = usePermission('backups.verify', environment)
  const mayClone = usePermission('backups.clone', environment)
  const mayDelete = usePermission('backups.delete', environment)
  const check = (depth: 'hashes' | 'restore') =>
    verify.mutate(
      { environmentId: environment.id, tenantId, archive: archive.archive, depth },
      { onSuccess: () => setTrayOpen(true) },
    )
  const cannotVerify = { disabled: !mayVerify.isAllowed || !isUsable(archive), title: mayVerify.reason }
  const whyNoDelete = archive.isLastGood ? LAST_GOOD_REASON : mayDelete.reason
  return (
    <>
      <Menu position="bottom-end" width={MENU_WIDTH}>
        <Menu.Target>
          <Button variant="default" rightSection={<IconChevronDown size={15} aria-hidden />}>
            Actions
          </Button>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconListCheck {...ICON} />} {...cannotVerify} onClick={() => check('hashes')}>
            Verify its hashes
          </Menu.Item>
          <Menu.Item leftSection={<IconShieldCheck {...ICON} />} {...cannotVerify} onClick={() => check('restore')}>
            Verify by a scratch restore
          </Menu.Item>
          <Menu.Item
            leftSection={<IconCopyPlus {...ICON} />}
            disabled={!mayClone.isAllowed || !isUsable(archive)}
            title={mayClone.reason}
            onClick={() => setView({ clone: '1' })}
          >
            Clone as a new tenant…
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconTrash {...ICON} />}
            color="var(--bad)"
            disabled={whyNoDelete !== undefined}
            onClick={() => setDeleting(true)}
          >
            Delete…
          </Menu.Item>
          {whyNoDelete !== undefined && <Menu.Label>{whyNoDelete}</Menu.Label>}
        </Menu.Dropdown>
      </Menu>
      {isDeleting && (
        <DeleteArchiveDialog
          tenant={{ id: tenantId, slug: archive.slug, name: archive.tenantName }}
          archive={archive}
          onStart={() => navigate(paths.tenant(environment.id, tenantId, 'backups'))}
          onClose={() => setDeleting(false)}
        />
      )}
    </>
  )
}
