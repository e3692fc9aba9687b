import type { Restore, RowChoice } from '#shared/contract/restore.model.ts'
import { useEnvironment } from '../../../app/environment.tsx'
import { useMutationOperation, useOperation } from '../../../client/hooks.ts'
import { ConfirmDialog } from '../../../components/ConfirmDialog.tsx'
import { Notice } from '../../../components/Notice.tsx'
import { formatCount } from '../../../lib/format.ts'
import { sumCounts } from '../parts/sums.ts'
import { TableFrame } from '../parts/TableFrame.tsx'
import { useConfirmation } from '../parts/use-confirmation.ts'
import { Waiting } from '../parts/Waiting.tsx'

interface RowsDialogProps {
  restore: Restore
  tables: RowChoice[]
  onClose: () => void
}

/** What bringing the chosen rows back would change, and the last question before it. */
export function RowsDialog({ restore, tables, onClose }: RowsDialogProps) {
  const environment = useEnvironment()
  const confirmation = useConfirmation()
  const target = { environmentId: environment.id, tenantId: restore.tenantId, restoreId: restore.id }
  const plan = useOperation('backups.rowsPlan', { ...target, tables }, { staleTime: 0 })
  const bring = useMutationOperation('backups.restoreRows', { isQuiet: true })
  const overwrite = sumCounts(plan.data?.tables.map(table => table.overwrite) ?? [])
  const insert = sumCounts(plan.data?.tables.map(table => table.insert) ?? [])
  const token = plan.data?.token
  return (
    <ConfirmDialog
      title="Bring rows back into live"
      actionLabel="Bring the rows back"
      keepLabel="Change nothing"
      isDestructive
      expected={restore.slug}
      expectedName="slug"
      reason={confirmation.reason}
      isBlocked={token === undefined || (insert === 0n && overwrite === 0n)}
      isRunning={bring.isPending}
      error={bring.error}
      onClose={onClose}
      onConfirm={confirmed => {
        if (token === undefined) return
        bring.mutate({ ...target, tables, token, confirmation: confirmation.of(confirmed) }, { onSuccess: onClose })
      }}
    >
      {plan.data === undefined ? (
        <Waiting query={plan} title="What would change could not be found out" rows={3} />
      ) : (
        <>
          <Notice meaning={overwrite === 0n ? 'info' : 'bad'}>
            <strong>
              {overwrite === 0n
                ? 'Nothing in live will be lost: '
                : `${formatCount(overwrite.toString())} ${overwrite === 1n ? 'row' : 'rows'} of live will be overwritten with what the archive holds; `}
              {formatCount(insert.toString())} missing {insert === 1n ? 'row comes' : 'rows come'} back.
            </strong>{' '}
            All in one transaction.
          </Notice>
          <TableFrame label="What changes by table" maxHeight={260}>
            <thead>
              <tr>
                <th>Table</th>
                <th data-end="true">Insert</th>
                <th data-end="true">Overwrite</th>
                <th data-end="true">Stay as they are</th>
              </tr>
            </thead>
            <tbody>
              {plan.data.tables.map(table => (
                <tr key={table.table}>
                  <td className="mono">{table.table}</td>
                  <td data-end="true">{formatCount(table.insert)}</td>
                  <td data-end="true">{formatCount(table.overwrite)}</td>
                  <td data-end="true">{formatCount(table.untouched)}</td>
                </tr>
              ))}
            </tbody>
          </TableFrame>
        </>
      )}
    </ConfirmDialog>
  )
}
