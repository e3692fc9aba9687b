/** Said wherever the last archive that can be trusted cannot be deleted. */
export const LAST_GOOD_REASON = 'It is the last good archive of this tenant, which is never deleted.'
