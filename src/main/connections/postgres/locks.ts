/** Advisory locks have two keys: this one says that the lock is Tenantry's, the second what is locked. */
export const LOCK_CLASS = 1_413_828_161
/** First key of the lock on a tenant's backups: one archive of it is written at a time, also beside whoever holds the tenant itself. */
export const BACKUP_LOCK_CLASS = LOCK_CLASS + 1
/** First key of the lock that whoever runs the schedules holds; the second is the registry's schema. */
export const SCHEDULE_LOCK_CLASS = LOCK_CLASS + 2
/** First key of the lock that whoever migrates the fleet holds; the second is the registry's schema. */
export const FLEET_LOCK_CLASS = LOCK_CLASS + 3
