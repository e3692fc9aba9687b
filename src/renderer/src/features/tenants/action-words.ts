const WORDS: Readonly<Record<string, string>> = {
  'tenant.create': 'Provisioning started',
  'tenant.activate': 'Provisioned',
  'tenant.fail': 'Provisioning failed',
  'tenant.retry': 'Provisioned again',
  'tenant.cleanUp': 'Cleaned up',
  'tenant.update': 'Changed',
  'tenant.suspend': 'Suspended',
  'tenant.reactivate': 'Reactivated',
  'tenant.archive': 'Archived',
  'tenant.delete': 'Deleted',
  'feature.set': 'Feature set',
}

/** What an action of a tenant's history was, in words; actions of other programs keep their own. */
export const actionWords = (action: string): string => WORDS[action] ?? action.replace(/[._]/g, ' ')
