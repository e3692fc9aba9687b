/** Advisory locks have two keys: this one says that the lock is Tenantry's, the second what is locked. */
export const LOCK_CLASS = 1_413_828_161
