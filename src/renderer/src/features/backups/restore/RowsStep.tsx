import { Button, Text } from '@mantine/core'
import { IconTableOff } from '@tabler/icons-react'
import { useState } from 'react'
import { contracts } from '#shared/contract/index.ts'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import type { Restore } from '#shared/contract/restore.model.ts'
import { useEnvironment } from '../../../app/environment.tsx'
import { useViewState } from '../../../app/view-state.ts'
import { Empty } from '../../../components/Empty.tsx'
import { formatCount } from '../../../lib/format.ts'
import type { DifferenceKind } from '../compare/ComparisonTable.tsx'
import { DifferenceView } from '../compare/DifferenceView.tsx'
import { ARCHIVE_AND_LIVE } from '../compare/side-words.ts'
import parts from '../parts/parts.module.css'
import { TableFrame } from '../parts/TableFrame.tsx'
import { RowsDialog } from './RowsDialog.tsx'
import { RowsTable } from './RowsTable.tsx'
import { type Choices, hasRow, isChoosable, toRowChoices, withRow } from './row-choices.ts'
import { StepBody } from './StepBody.tsx'

const Result = contracts.backups.restoreRows.output

interface RowsStepProps {
  restore: Restore
  job: JobSnapshot | undefined
  identity: React.ReactNode
}

/** Brings chosen rows of the archive back into live, without swapping: missing ones, and where wanted changed ones. */
export function RowsStep({ restore, job, identity }: RowsStepProps) {
  const environment = useEnvironment()
  const [, setView] = useViewState()
  const [choices, setChoices] = useState<Choices>({})
  const [open, setOpen] = useState<{ table: string; kind: DifferenceKind }>()
  const [isAsking, setAsking] = useState(false)
  const tables = (restore.comparison ?? []).filter(isChoosable)
  const opened = tables.find(({ table }) => table === open?.table)
  const done = job?.operation === 'backups.restoreRows' ? Result.safeParse(job.result).data : undefined
  const chosen = toRowChoices(choices)
  return (
    <StepBody
      label="Chosen rows"
      identity={identity}
      left={
        <Button variant="default" onClick={() => setView({ step: undefined })}>
          Back to the comparison
        </Button>
      }
      right={
        <Button disabled={chosen.length === 0} onClick={() => setAsking(true)}>
          Preview what changes…
        </Button>
      }
    >
      {done !== undefined && <BroughtBack tables={done.tables} />}
      <Text size="sm">
        Choose what comes back from the archive into live, by primary key. Nothing is swapped, and no row of live is
        deleted.
      </Text>
      {tables.length === 0 ? (
        <Empty
          icon={IconTableOff}
          title="Nothing to bring back"
          description="No table with a primary key has rows that live lacks or that changed."
        />
      ) : (
        <RowsTable
          tables={tables}
          choices={choices}
          onChange={setChoices}
          onOpen={(table, kind) => setOpen({ table, kind })}
        />
      )}
      {opened !== undefined && open !== undefined && (
        <DifferenceView
          key={opened.table}
          source={{ environmentId: environment.id, tenantId: restore.tenantId, restoreId: restore.id }}
          table={{ ...opened, onlyRight: '0' }}
          kind={open.kind}
          sides={ARCHIVE_AND_LIVE}
          onKind={kind => setOpen({ table: opened.table, kind })}
          onClose={() => setOpen(undefined)}
          choice={{
            has: key => hasRow(choices, opened.table, key),
            toggle: key => setChoices(withRow(choices, opened.table, key)),
          }}
        />
      )}
      {isAsking && <RowsDialog restore={restore} tables={chosen} onClose={() => setAsking(false)} />}
    </StepBody>
  )
}

function BroughtBack({ tables }: { tables: readonly { table: string; inserted: string; overwritten: string }[] }) {
  return (
    <section className={parts.section} aria-label="What was brought back">
      <h2>Brought back</h2>
      <TableFrame label="Brought back by table">
        <thead>
          <tr>
            <th>Table</th>
            <th data-end="true">Inserted</th>
            <th data-end="true">Overwritten</th>
          </tr>
        </thead>
        <tbody>
          {tables.map(table => (
            <tr key={table.table}>
              <td className="mono">{table.table}</td>
              <td data-end="true">{formatCount(table.inserted)}</td>
              <td data-end="true">{formatCount(table.overwritten)}</td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
    </section>
  )
}
