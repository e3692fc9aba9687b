import { create } from 'zustand'
import { persist } from 'zustand/middleware'

export type ChosenWidths = Readonly<Record<string, number>>

/** So many grids are remembered; the ones not touched for longest are forgotten. */
export const MAX_GRIDS = 200

/** `all` with the widths of one grid, as its latest entry; a grid without chosen widths is left out. */
export function withWidths(
  all: Readonly<Record<string, ChosenWidths>>,
  grid: string,
  widths: ChosenWidths,
): Record<string, ChosenWidths> {
  const others = Object.entries(all).filter(([name]) => name !== grid)
  if (Object.keys(widths).length > 0) others.push([grid, widths])
  return Object.fromEntries(others.slice(-MAX_GRIDS))
}

interface WidthState {
  grids: Readonly<Record<string, ChosenWidths>>
  set(grid: string, widths: ChosenWidths): void
}

/** The column widths that people chose, per grid, in pixels. */
export const useWidthStore = create<WidthState>()(
  persist(
    set => ({
      grids: {},
      set: (grid, widths) => set(({ grids }) => ({ grids: withWidths(grids, grid, widths) })),
    }),
    { name: 'tenantry-column-widths' },
  ),
)
