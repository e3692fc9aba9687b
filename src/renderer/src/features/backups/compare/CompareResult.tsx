import type { TableComparison } from '#shared/contract/backup.model.ts'
import { useViewState } from '../../../app/view-state.ts'
import { ComparisonTable, type DifferenceKind } from './ComparisonTable.tsx'
import { DifferenceView } from './DifferenceView.tsx'
import type { SideWords } from './side-words.ts'
import type { DifferenceSource } from './use-differences.ts'

const KINDS: readonly DifferenceKind[] = ['onlyLeft', 'onlyRight', 'changed']

interface CompareResultProps {
  tables: readonly TableComparison[]
  sides: SideWords
  source: DifferenceSource
}

/** A comparison by tables, and the rows of one of them; which one is part of the address. */
export function CompareResult({ tables, sides, source }: CompareResultProps) {
  const [params, setView] = useViewState()
  const open = tables.find(table => table.table === params.get('rows'))
  const kind = KINDS.find(candidate => candidate === params.get('kind')) ?? 'changed'
  return (
    <>
      <ComparisonTable
        tables={tables}
        sides={sides}
        openTable={open?.table}
        onOpen={(rows, next) => setView({ rows, kind: next })}
      />
      {open !== undefined && (
        <DifferenceView
          key={open.table}
          source={source}
          table={open}
          kind={kind}
          sides={sides}
          onKind={next => setView({ kind: next })}
          onClose={() => setView({ rows: undefined, kind: undefined })}
        />
      )}
    </>
  )
}
