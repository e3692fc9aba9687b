import type { TableComparison } from '#shared/contract/backup.model.ts'
import { formatPlural } from '../../../lib/format.ts'
import { sumCounts, totalsOf } from '../parts/sums.ts'

const rows = (count: bigint): string => `${count.toLocaleString('en')} ${count === 1n ? 'row' : 'rows'}`

export interface LossSentence {
  /** What will be lost. */
  loss: string
  /** What comes back, or stays. */
  gain: string
  isLossless: boolean
}

interface Sides {
  /** The side that would come: “the archive”. */
  coming: string
  /** The side that would go: “live”. */
  going: string
}

/** What a swap does to the rows, in two sentences with counts. Left of the comparison comes, right goes. */
export function lossSentence(tables: readonly TableComparison[], { coming, going }: Sides): LossSentence {
  const { onlyLeft, onlyRight, changed } = totalsOf(tables)
  const withLoss = tables.filter(table => sumCounts([table.onlyRight, table.changed]) > 0n).length
  const gain = onlyLeft === 0n ? `No row comes back.` : `${rows(onlyLeft)} that only ${coming} has will come back.`
  if (onlyRight === 0n && changed === 0n) {
    return { loss: `Nothing will be lost: ${coming} has every row of ${going} as it is now.`, gain, isLossless: true }
  }
  const parts = [
    ...(onlyRight > 0n ? [`${rows(onlyRight)} that only ${going} has will be lost`] : []),
    ...(changed > 0n ? [`${rows(changed)} that changed will go back to what ${coming} holds`] : []),
  ]
  return { loss: `${parts.join(', and ')}, in ${formatPlural(withLoss, 'table')}.`, gain, isLossless: false }
}
