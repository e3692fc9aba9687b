import type { StoreName } from '#shared/contract/environment.model.ts'

export const STORE_TITLES: Record<StoreName, string> = {
  postgres: 'PostgreSQL',
  mongo: 'MongoDB',
  redis: 'Redis',
  backup: 'Backup store',
}

/** What each store is for, in the words of the person who connects it. */
export const STORE_PURPOSES: Record<StoreName, string> = {
  postgres: 'registry and tenant schemas',
  mongo: 'documents of the tenants',
  redis: 'cache of the tenants',
  backup: 'archives and dumps',
}
