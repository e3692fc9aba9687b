import { create } from 'zustand'
import { persist } from 'zustand/middleware'

interface Preferences {
  /** The environment that was worked in last; opened at the next start. */
  environmentId: string | undefined
  isNavigationNarrow: boolean
  set(change: Partial<Omit<Preferences, 'set'>>): void
}

/** What this window remembers between starts. Nothing here is secret or shared. */
export const usePreferences = create<Preferences>()(
  persist(
    set => ({
      environmentId: undefined,
      isNavigationNarrow: false,
      set: change => set(change),
    }),
    { name: 'tenantry-preferences' },
  ),
)
