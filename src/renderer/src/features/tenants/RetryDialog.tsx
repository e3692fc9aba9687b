import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import type { TenantRow } from '#shared/contract/tenant.model.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { useMutationOperation } from '../../client/hooks.ts'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { useFocusBack } from '../../lib/use-focus-back.ts'
import { ProvisioningView } from './ProvisioningView.tsx'

/** Provisions a failed tenant again, from the start. */
export function RetryDialog({ tenant, onClose }: { tenant: TenantRow; onClose: () => void }) {
  const environment = useEnvironment()
  useFocusBack()
  const retry = useMutationOperation('tenants.retry', { isQuiet: true })
  const [jobId, setJobId] = useState<string>()
  const start = () =>
    retry.mutate(
      { environmentId: environment.id, tenantId: tenant.id },
      { onSuccess: started => setJobId(started.jobId) },
    )
  return (
    <Modal opened onClose={onClose} title={`Provision ${tenant.name} again`} size={500}>
      {jobId === undefined ? (
        <Stack gap={14}>
          <Text size="sm">
            What the failed attempt left is removed first; then schema, default data and administrator are made anew.
          </Text>
          {retry.error !== null && <ErrorPanel error={retry.error} />}
          <Group justify="flex-end" gap={8}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button loading={retry.isPending} onClick={start} data-autofocus>
              Provision again
            </Button>
          </Group>
        </Stack>
      ) : (
        <ProvisioningView jobId={jobId} tenantName={tenant.name} onClose={onClose} onFieldFailure={onClose} />
      )}
    </Modal>
  )
}
