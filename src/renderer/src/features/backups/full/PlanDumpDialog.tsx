import { Button, Group, Modal, SegmentedControl, Stack, Text } from '@mantine/core'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { FullDumpPlan } from '#shared/contract/full-dumps.ts'
import { useEnvironment } from '../../../app/environment.tsx'
import { setTrayOpen } from '../../../app/jobs/job-store.ts'
import { paths } from '../../../app/paths.ts'
import { useMutationOperation, useOperation } from '../../../client/hooks.ts'
import { CopyButton } from '../../../components/CopyButton.tsx'
import { ErrorPanel } from '../../../components/ErrorPanel.tsx'
import { Notice } from '../../../components/Notice.tsx'
import { formatBytes, formatCount } from '../../../lib/format.ts'
import { shortVersion } from '../../../lib/short-version.ts'
import { useFocusBack } from '../../../lib/use-focus-back.ts'
import { DangerButton } from '../parts/DangerButton.tsx'
import { Fact, Facts } from '../parts/Facts.tsx'
import parts from '../parts/parts.module.css'
import { Waiting } from '../parts/Waiting.tsx'

type Format = 'custom' | 'sql.gz'

/** How the whole database would be dumped: the exact command, and whether the server's lock table can bear it. */
export function PlanDumpDialog({ onClose }: { onClose: () => void }) {
  const environment = useEnvironment()
  const [, navigate] = useLocation()
  useFocusBack()
  const [format, setFormat] = useState<Format>('custom')
  const plan = useOperation('backups.planFull', { environmentId: environment.id, format }, { keepPrevious: true })
  const create = useMutationOperation('backups.createFull', { isQuiet: true })
  const isHeavy = plan.data?.exhaustsLocks === true
  const start = () =>
    create.mutate(
      { environmentId: environment.id, format, despiteLocks: isHeavy },
      {
        onSuccess: () => {
          setTrayOpen(true)
          onClose()
        },
      },
    )
  const toFleet = () => {
    onClose()
    navigate(paths.backups(environment.id))
  }
  return (
    <Modal opened onClose={onClose} title="Dump the whole database" size={720}>
      <Stack gap={16}>
        <SegmentedControl
          aria-label="Format of the dump"
          value={format}
          onChange={value => setFormat(value as Format)}
          data={[
            { value: 'custom', label: 'Custom: restored in parts and in parallel' },
            { value: 'sql.gz', label: 'SQL text, gzip: readable everywhere' },
          ]}
        />
        {plan.data === undefined ? (
          <Waiting query={plan} title="The dump could not be planned" rows={5} />
        ) : (
          <PlanFacts plan={plan.data} />
        )}
        {create.error !== null && <ErrorPanel error={create.error} title="The dump could not be started" />}
        {isHeavy ? (
          <Group justify="space-between" mt={4}>
            <DangerButton loading={create.isPending} onClick={start}>
              Dump it nevertheless
            </DangerButton>
            <Button onClick={toFleet}>Back up all tenants instead</Button>
          </Group>
        ) : (
          <Group justify="flex-end" gap={8} mt={4}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button loading={create.isPending} disabled={plan.data === undefined} onClick={start}>
              Dump the database
            </Button>
          </Group>
        )}
      </Stack>
    </Modal>
  )
}

function PlanFacts({ plan }: { plan: FullDumpPlan }) {
  return (
    <>
      {plan.exhaustsLocks && (
        <Notice meaning="bad">
          <strong>This dump may exhaust the server’s lock table.</strong> pg_dump locks every table at once:{' '}
          {formatCount(plan.tables)} tables, and the lock table was sized for {formatCount(plan.lockSlots)} locks. When
          it is full, pg_dump fails and other sessions get errors. Backing up all tenants one by one needs few locks.
        </Notice>
      )}
      {plan.advice !== null && <Notice meaning={plan.exhaustsLocks ? 'warn' : 'info'}>{plan.advice}</Notice>}
      <Facts>
        <Fact label="Database">
          <span className="mono">{plan.database}</span>
        </Fact>
        <Fact label="Size">{formatBytes(plan.databaseBytes)}</Fact>
        <Fact label="Tables">{formatCount(plan.tables)}</Fact>
        <Fact label="Room for locks">{formatCount(plan.lockSlots)}</Fact>
        <Fact label="Server">PostgreSQL {shortVersion(plan.serverVersion)}</Fact>
        <Fact label="pg_dump">
          {shortVersion(plan.toolVersion)} <small className="mono">{plan.tool}</small>
        </Fact>
      </Facts>
      <div>
        <Group gap={4} mb={4}>
          <Text size="sm" fw={550}>
            The command as it will run
          </Text>
          <CopyButton value={plan.command} label="Copy the command" />
        </Group>
        <pre className={parts.code}>{plan.command}</pre>
        <Text size="xs" c="dimmed" mt={4}>
          The password goes through the environment of the process and is never part of it.
        </Text>
      </div>
    </>
  )
}
