import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { CleanUpDialog } from './CleanUpDialog.tsx'
import { DeleteDialog } from './DeleteDialog.tsx'
import { RetryDialog } from './RetryDialog.tsx'
import { StatusDialog } from './StatusDialog.tsx'
import type { TenantAction } from './tenant-actions.ts'

interface TenantDialogProps {
  tenant: TenantRow
  action: TenantAction
  onClose: () => void
}

/** The dialog of an action on a tenant. */
export default function TenantDialog({ tenant, action, onClose }: TenantDialogProps) {
  switch (action) {
    case 'retry':
      return <RetryDialog tenant={tenant} onClose={onClose} />
    case 'cleanUp':
      return <CleanUpDialog tenant={tenant} onClose={onClose} />
    case 'delete':
      return <DeleteDialog tenant={tenant} onClose={onClose} />
    case 'suspend':
    case 'reactivate':
    case 'archive':
      return <StatusDialog tenant={tenant} action={action} onClose={onClose} />
  }
}
