import { Button, Group, Text, Tooltip } from '@mantine/core'
import { IconDatabase, IconDatabaseExport } from '@tabler/icons-react'
import { useState } from 'react'
import type { FullDump } from '#shared/contract/full-dumps.ts'
import { useEnvironment, usePermission } from '../../../app/environment.tsx'
import { useOperation } from '../../../client/hooks.ts'
import { Empty } from '../../../components/Empty.tsx'
import { formatPlural } from '../../../lib/format.ts'
import parts from '../parts/parts.module.css'
import { Waiting } from '../parts/Waiting.tsx'
import { DumpTable } from './DumpTable.tsx'
import { PlanDumpDialog } from './PlanDumpDialog.tsx'

/** Dumps of the whole database, through the tools of its own version. */
export default function FullTab() {
  const environment = useEnvironment()
  const dumps = useOperation('backups.listFull', { environmentId: environment.id })
  const [isPlanning, setPlanning] = useState(false)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section className={parts.scroll} tabIndex={0} aria-label="Whole database">
      <div className={parts.stack}>
        <Group justify="space-between" wrap="nowrap">
          <Text size="sm" c="dimmed" maw={720}>
            One dump of everything with pg_dump, always restored into a new database. To bring one tenant back, its own
            archive is faster and can be looked at first.
          </Text>
          <DumpButton onClick={() => setPlanning(true)} />
        </Group>
        {dumps.data === undefined ? (
          <Waiting query={dumps} title="The dumps could not be listed" />
        ) : dumps.data.length === 0 ? (
          <Empty
            icon={IconDatabase}
            title="No dump of the whole database yet"
            description="Look at the plan first: it shows the exact command and whether the server can bear it."
            actions={
              <Button variant="default" onClick={() => setPlanning(true)}>
                Show the plan
              </Button>
            }
          />
        ) : (
          <Dumps dumps={dumps.data} />
        )}
      </div>
      {isPlanning && <PlanDumpDialog onClose={() => setPlanning(false)} />}
    </section>
  )
}

function DumpButton({ onClick }: { onClick: () => void }) {
  const environment = useEnvironment()
  const permission = usePermission('backups.createFull', environment)
  return (
    <Tooltip label={permission.reason} disabled={permission.isAllowed}>
      <Button
        style={{ flex: 'none' }}
        leftSection={<IconDatabaseExport size={16} aria-hidden />}
        data-disabled={!permission.isAllowed}
        aria-disabled={!permission.isAllowed}
        onClick={() => permission.isAllowed && onClick()}
      >
        Dump the database…
      </Button>
    </Tooltip>
  )
}

function Dumps({ dumps }: { dumps: readonly FullDump[] }) {
  return (
    <div>
      <Text size="sm" c="dimmed" mb={8} role="status">
        {formatPlural(dumps.length, 'dump')}
      </Text>
      <DumpTable dumps={dumps} />
    </div>
  )
}
