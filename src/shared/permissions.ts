/**
 * Who may do what. A person has one role per environment; an operation states its access level and, where the level's
 * usual role is not the right one, the least role it asks for.
 */
export const ROLES = ['support', 'operator', 'dba'] as const
export type Role = (typeof ROLES)[number]

export const ACCESS_LEVELS = ['read', 'write', 'destructive', 'admin'] as const
export type Access = (typeof ACCESS_LEVELS)[number]

export const SCOPES = ['app', 'fleet', 'tenant'] as const
export type Scope = (typeof SCOPES)[number]

export const ENVIRONMENT_CLASSES = ['development', 'staging', 'production'] as const
export type EnvironmentClass = (typeof ENVIRONMENT_CLASSES)[number]

/** When an operation asks for a typed confirmation. */
export type ConfirmationRule = 'never' | 'production' | 'always'

const LEAST_ROLE: Record<Access, Role> = { read: 'support', write: 'dba', destructive: 'dba', admin: 'dba' }

export const leastRole = (operation: { access: Access; role?: Role | undefined }): Role =>
  operation.role ?? LEAST_ROLE[operation.access]

export const hasRole = (role: Role, least: Role): boolean => ROLES.indexOf(role) >= ROLES.indexOf(least)

/** The weaker of two roles: what a host allows at most, and what the environment gives. */
export const weakerRole = (a: Role, b: Role): Role => (hasRole(a, b) ? b : a)

export function needsConfirmation(rule: ConfirmationRule, environmentClass: EnvironmentClass | undefined): boolean {
  return rule === 'always' || (rule === 'production' && environmentClass === 'production')
}
