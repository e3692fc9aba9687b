import { usePagedOperation } from '../../../client/hooks.ts'
import type { DifferenceKind } from './ComparisonTable.tsx'

/** Where rows that differ are read from: a comparison, or a prepared restore. */
export type DifferenceSource =
  | { environmentId: string; tenantId: string; comparisonId: string }
  | { environmentId: string; tenantId: string; restoreId: string }

const PAGE_SIZE = 100
const NONE = '00000000-0000-4000-8000-000000000000'

export function useDifferences(source: DifferenceSource, table: string, kind: DifferenceKind) {
  const { environmentId, tenantId } = source
  const request = { environmentId, tenantId, table, kind, limit: PAGE_SIZE }
  const isComparison = 'comparisonId' in source
  const compared = usePagedOperation(
    'backups.differences',
    { ...request, comparisonId: isComparison ? source.comparisonId : NONE },
    { enabled: isComparison },
  )
  const prepared = usePagedOperation(
    'backups.sideDifferences',
    { ...request, restoreId: isComparison ? NONE : source.restoreId },
    { enabled: !isComparison },
  )
  return isComparison ? compared : prepared
}
