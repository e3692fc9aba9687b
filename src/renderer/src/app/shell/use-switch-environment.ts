import { useLocation } from 'wouter'
import { paths } from '../paths.ts'
import { usePreferences } from '../preferences.ts'

/** Moves to another environment, and to the same screen there where that has a meaning. */
export function useSwitchEnvironment(): (environmentId: string) => void {
  const [location, navigate] = useLocation()
  const setPreferences = usePreferences(preferences => preferences.set)
  return environmentId => {
    setPreferences({ environmentId })
    const area = /^\/e\/[^/]+\/([^/]+)/.exec(location)?.[1]
    if (area === 'health') navigate(paths.health(environmentId))
    else if (area === 'data') navigate(paths.data(environmentId))
    else if (area !== undefined || location.startsWith('/environments')) navigate(paths.tenants(environmentId))
  }
}
