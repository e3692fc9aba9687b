import { createContext, use } from 'react'
import type { Environment } from '#shared/contract/environment.model.ts'
import { operations } from '#shared/contract/index.ts'
import { hasRole, leastRole, type Role, weakerRole } from '#shared/permissions.ts'
import { useOperation } from '../client/hooks.ts'
import { usePreferences } from './preferences.ts'

const EnvironmentContext = createContext<Environment | undefined>(undefined)
export const EnvironmentProvider = EnvironmentContext.Provider

/** The environment this screen works in. */
export function useEnvironment(): Environment {
  const environment = use(EnvironmentContext)
  if (environment === undefined) throw new Error('This screen needs an environment around it.')
  return environment
}

/** The environment that the window shows: the screen's, else the one worked in last, else the first. */
export function useCurrentEnvironment(): Environment | undefined {
  const list = useOperation('environments.list', {})
  const remembered = usePreferences(preferences => preferences.environmentId)
  return list.data?.find(environment => environment.id === remembered) ?? list.data?.[0]
}

export interface Permission {
  isAllowed: boolean
  /** Why not, for a tooltip. */
  reason: string | undefined
}

/** Whether the person may run an operation in an environment. The kernel decides; this only spares a refused attempt. */
export function usePermission(operation: string, environment: Environment | undefined): Permission {
  const info = useOperation('app.info', {}, { staleTime: Number.POSITIVE_INFINITY })
  const declared = operations.get(operation)
  if (declared === undefined || info.data === undefined) return { isAllowed: true, reason: undefined }
  const role = roleIn(environment, info.data.maximumRole)
  const needed = leastRole(declared)
  return hasRole(role, needed)
    ? { isAllowed: true, reason: undefined }
    : { isAllowed: false, reason: `Needs the role ${needed}; yours here is ${role}.` }
}

const roleIn = (environment: Environment | undefined, maximum: Role): Role =>
  environment === undefined ? maximum : weakerRole(maximum, environment.role)
