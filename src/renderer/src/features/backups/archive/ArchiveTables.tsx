import { IconTable, IconTableOff } from '@tabler/icons-react'
import type { ArchiveDetail } from '#shared/contract/backup.model.ts'
import { useViewState } from '../../../app/view-state.ts'
import { Empty } from '../../../components/Empty.tsx'
import { formatCount } from '../../../lib/format.ts'
import { visibleText } from '../../data/visible-text.ts'
import { ArchiveRows } from './ArchiveRows.tsx'
import classes from './archive.module.css'

/** The tables of an archive, and the rows of one of them. */
export function ArchiveTables({ tenantId, archive }: { tenantId: string; archive: ArchiveDetail }) {
  const [params, setView] = useViewState()
  const table = archive.tableList.find(({ name }) => name === params.get('table'))
  if (archive.tableList.length === 0) {
    return <Empty icon={IconTableOff} title="No tables" description="This archive holds a schema without tables." />
  }
  return (
    <div className={classes.split}>
      <nav className={classes.list} aria-label="Tables of the archive">
        {archive.tableList.map(({ name, rows }) => (
          <button
            key={name}
            type="button"
            className={classes.item}
            aria-current={name === table?.name}
            onClick={() => setView({ table: name })}
          >
            <span className="mono truncate" title={visibleText(name)}>
              {visibleText(name)}
            </span>
            <small>{formatCount(rows)}</small>
          </button>
        ))}
      </nav>
      <div className={classes.rows}>
        {table === undefined ? (
          <Empty
            icon={IconTable}
            title="Choose a table"
            description="Its rows are read out of the archive; nothing is restored for it."
          />
        ) : (
          <ArchiveRows key={table.name} tenantId={tenantId} archive={archive} table={table} />
        )}
      </div>
    </div>
  )
}
