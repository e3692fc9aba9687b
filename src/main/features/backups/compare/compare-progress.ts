import type { BothSides } from './sides.ts'

/** Bytes of text read, of about so many; and the table at hand. */
export type CompareProgress = (progress: { done: number; total: number; table: string }) => void

export interface Meter {
  bytes(table: string, bytes: number): void
  /** What was not read of the table, because it was not needed, counts as read. */
  tableDone(table: string): void
}

/** Text that live gives is as long as the archive's, near enough; its size on the disk is not. */
export function meterOf({ left, right }: BothSides, names: readonly string[], onProgress: CompareProgress): Meter {
  const expected = new Map(
    names.map(name => {
      const sides = [left.tables.get(name), right.tables.get(name)]
      const [one, other] = sides.map(side => side?.estimatedBytes)
      return [name, one !== undefined && other !== undefined ? 2 * one : 0]
    }),
  )
  const total = [...expected.values()].reduce((sum, bytes) => sum + bytes, 0)
  let before = 0
  let within = 0
  const tell = (table: string) => onProgress({ done: before + within, total, table })
  return {
    bytes: (table, bytes) => {
      within = Math.min(within + bytes, expected.get(table) ?? 0)
      tell(table)
    },
    tableDone: table => {
      before += expected.get(table) ?? 0
      within = 0
      tell(table)
    },
  }
}
