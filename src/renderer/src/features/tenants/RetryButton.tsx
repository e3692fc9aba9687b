import { Button, Tooltip } from '@mantine/core'
import { IconRefresh } from '@tabler/icons-react'
import { Suspense, useState } from 'react'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { useEnvironment, usePermission } from '../../app/environment.tsx'
import { lazyPart } from '../../app/lazy-part.ts'

const TenantDialog = lazyPart(() => import('./TenantDialog.tsx'))

/** The next step of a tenant whose provisioning failed. The dialog outlives that state: it shows how the retry goes on. */
export function RetryButton({ tenant }: { tenant: TenantRow }) {
  const [isAsked, setAsked] = useState(false)
  const permission = usePermission('tenants.retry', useEnvironment())
  return (
    <>
      {tenant.status === 'failed' && (
        <Tooltip label={permission.reason} disabled={permission.isAllowed}>
          <Button
            leftSection={<IconRefresh size={16} aria-hidden />}
            onClick={() => permission.isAllowed && setAsked(true)}
            data-disabled={!permission.isAllowed}
            aria-disabled={!permission.isAllowed}
          >
            Provision again
          </Button>
        </Tooltip>
      )}
      <Suspense>{isAsked && <TenantDialog tenant={tenant} action="retry" onClose={() => setAsked(false)} />}</Suspense>
    </>
  )
}
