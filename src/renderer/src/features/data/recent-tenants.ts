import { create } from 'zustand'
import { persist } from 'zustand/middleware'

export interface RecentTenant {
  id: string
  name: string
  slug: string
}

export const MAX_RECENT = 6

/** The tenant first, without doubles; the rest in their order. */
export const withRecent = (recent: readonly RecentTenant[], tenant: RecentTenant): RecentTenant[] =>
  [tenant, ...recent.filter(({ id }) => id !== tenant.id)].slice(0, MAX_RECENT)

interface RecentState {
  byEnvironment: Readonly<Record<string, readonly RecentTenant[]>>
  remember(environmentId: string, tenant: RecentTenant): void
  forget(environmentId: string, tenantId: string): void
}

/** Whose data was looked at last in each environment. */
const useRecentStore = create<RecentState>()(
  persist(
    set => {
      const change = (environmentId: string, next: (recent: readonly RecentTenant[]) => RecentTenant[]) =>
        set(({ byEnvironment }) => ({
          byEnvironment: { ...byEnvironment, [environmentId]: next(byEnvironment[environmentId] ?? NONE) },
        }))
      return {
        byEnvironment: {},
        remember: (environmentId, { id, name, slug }) =>
          change(environmentId, recent => withRecent(recent, { id, name, slug })),
        forget: (environmentId, tenantId) =>
          change(environmentId, recent => recent.filter(({ id }) => id !== tenantId)),
      }
    },
    { name: 'tenantry-recent-tenants' },
  ),
)

const NONE: readonly RecentTenant[] = []

export const useRecentTenants = (environmentId: string): readonly RecentTenant[] =>
  useRecentStore(state => state.byEnvironment[environmentId] ?? NONE)

export const { remember: rememberTenant, forget: forgetTenant } = useRecentStore.getState()
