import { Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { DumpKey, type FullDump } from '#shared/contract/full-dumps.ts'
import { contracts } from '#shared/contract/index.ts'
import { useEnvironment } from '../../../app/environment.tsx'
import { setTrayOpen } from '../../../app/jobs/job-store.ts'
import { useMutationOperation } from '../../../client/hooks.ts'
import { ConfirmDialog } from '../../../components/ConfirmDialog.tsx'
import { serverFieldErrors, validate } from '../../../lib/form-errors.ts'
import { formatLocal } from '../../../lib/time.ts'
import { useConfirmation } from '../parts/use-confirmation.ts'

const Input = contracts.backups.restoreFull.input

/** `hr` and a dump of 2 February 2026 → `hr_restored_20260202`. */
const proposedName = (dump: FullDump): string =>
  `${(dump.database ?? 'database').slice(0, 40)}_restored_${dump.at.slice(0, 10).replaceAll('-', '')}`

/** A dump goes into a database that does not exist yet: nothing that is there is touched. */
export function RestoreDumpDialog({ dump, onClose }: { dump: FullDump; onClose: () => void }) {
  const environment = useEnvironment()
  const confirmation = useConfirmation()
  const restore = useMutationOperation('backups.restoreFull', { isQuiet: true })
  const [database, setDatabase] = useState(proposedName(dump))
  const request = { environmentId: environment.id, key: DumpKey.parse(dump.key), database }
  const problem = validate(Input, request).database ?? serverFieldErrors(restore.error).database
  return (
    <ConfirmDialog
      title={`Restore the dump of ${formatLocal(new Date(dump.at))}`}
      actionLabel="Restore"
      expected={confirmation.isProduction ? environment.name : undefined}
      expectedName="name of the environment"
      reason={confirmation.reason}
      reasonNote="Kept in the audit log."
      isBlocked={validate(Input, request).database !== undefined}
      isRunning={restore.isPending}
      error={restore.error}
      onClose={onClose}
      onConfirm={confirmed =>
        restore.mutate(
          { ...request, ...(confirmation.isProduction ? { confirmation: confirmation.of(confirmed) } : {}) },
          {
            onSuccess: () => {
              setTrayOpen(true)
              onClose()
            },
          },
        )
      }
    >
      <Text size="sm">
        A new database is made on the server of {environment.name}, and the dump goes into it. No database that is there
        is touched; to work with the new one, add an environment for it.
      </Text>
      <TextInput
        label="Name of the new database"
        data-autofocus
        classNames={{ input: 'mono' }}
        spellCheck={false}
        value={database}
        error={problem}
        onChange={event => setDatabase(event.currentTarget.value)}
      />
    </ConfirmDialog>
  )
}
