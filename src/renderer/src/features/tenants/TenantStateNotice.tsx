import type { TenantListRow } from '#shared/contract/tenant.model.ts'
import { Notice } from '../../components/Notice.tsx'
import { Timestamp } from '../../components/Timestamp.tsx'
import classes from './tenant-screen.module.css'

/** What the state of a tenant means, where it is not simply active. */
export function TenantStateNotice({ tenant }: { tenant: TenantListRow }) {
  const notice = noticeOf(tenant)
  return notice === null ? null : <div className={classes.notice}>{notice}</div>
}

function noticeOf(tenant: TenantListRow): React.ReactNode {
  switch (tenant.status) {
    case 'suspended':
      return (
        <Notice meaning="warn">
          Suspended <Timestamp value={tenant.suspendedAt} />
          {tenant.suspensionReason !== null && <>: {tenant.suspensionReason}</>}
        </Notice>
      )
    case 'failed':
      return (
        <Notice meaning="bad">
          Its provisioning failed or was cut off. Provision it again, or clean up what is left (under Actions).
        </Notice>
      )
    case 'provisioning':
      return <Notice meaning="info">It is being provisioned. Its job shows how far that is.</Notice>
    case 'archived':
      return <Notice meaning="info">Archived: its data is kept, its people cannot sign in.</Notice>
    case 'active':
      return null
  }
}
