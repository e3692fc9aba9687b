import { Button, Group, Modal, NumberInput, Stack, Text, TextInput } from '@mantine/core'
import { useState } from 'react'
import { useEnvironment } from '../../../app/environment.tsx'
import { useMutationOperation } from '../../../client/hooks.ts'
import { ErrorPanel } from '../../../components/ErrorPanel.tsx'
import { formatPlural } from '../../../lib/format.ts'
import { useFocusBack } from '../../../lib/use-focus-back.ts'

const MAX_WORKERS = 8
const USUAL_WORKERS = 2

interface BackUpAllDialogProps {
  search: string
  /** Tenants that the search of the list finds. */
  total: number | undefined
  onStart: (jobId: string) => void
  onClose: () => void
}

/** Backs up the whole fleet, or the tenants that a search finds. */
export function BackUpAllDialog({ search, total, onStart, onClose }: BackUpAllDialogProps) {
  const environment = useEnvironment()
  useFocusBack()
  const create = useMutationOperation('backups.createAll', { isQuiet: true })
  const [filter, setFilter] = useState(search)
  const [workers, setWorkers] = useState<number | string>(USUAL_WORKERS)
  const isSound = typeof workers === 'number' && Number.isInteger(workers) && workers >= 1 && workers <= MAX_WORKERS
  const submit = (event: React.FormEvent) => {
    event.preventDefault()
    if (!isSound) return
    const trimmed = filter.trim()
    create.mutate(
      { environmentId: environment.id, workers, ...(trimmed === '' ? {} : { search: trimmed }) },
      {
        onSuccess: ({ jobId }) => onStart(jobId),
      },
    )
  }
  return (
    <Modal opened onClose={onClose} title="Back up all tenants" size={480}>
      <form onSubmit={submit} noValidate>
        <Stack gap={14}>
          <Text size="sm">
            Every tenant gets an archive of its own, read from one snapshot of it; one without a whole schema is skipped
            and named. Nobody is held up, and one tenant that fails does not stop the others.
          </Text>
          <TextInput
            label="Only tenants whose name or slug contains"
            description={
              filter.trim() === search && total !== undefined
                ? `The list shows ${formatPlural(total, 'tenant')} in all states.`
                : 'All of them where this is empty.'
            }
            data-autofocus
            value={filter}
            onChange={event => setFilter(event.currentTarget.value)}
          />
          <NumberInput
            label="At the same time"
            description="Tenants that are read at once. More is faster, and heavier for the server."
            min={1}
            max={MAX_WORKERS}
            allowDecimal={false}
            value={workers}
            error={isSound ? undefined : `A number from 1 to ${MAX_WORKERS}`}
            onChange={setWorkers}
          />
          {create.error !== null && <ErrorPanel error={create.error} />}
          <Group justify="flex-end" gap={8} mt={4}>
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={create.isPending} disabled={!isSound}>
              Back up
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}
