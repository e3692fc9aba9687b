import { create } from 'zustand'
import { persist } from 'zustand/middleware'

interface DataLayout {
  isListHidden: boolean
  toggleList(): void
}

/** How people arrange the data screen; remembered between starts. */
export const useDataLayout = create<DataLayout>()(
  persist(
    set => ({
      isListHidden: false,
      toggleList: () => set(({ isListHidden }) => ({ isListHidden: !isListHidden })),
    }),
    { name: 'tenantry-data-layout' },
  ),
)
