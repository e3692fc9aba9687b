/**
 * Personal columns of DOMAIN, masked before a row leaves the main process. A mask says that a value is there, not what it is:
 * nothing of it, not even its length, is kept.
 */
const MASKED_COLUMNS = new Set(['pan', 'aadhaar', 'bank_account', 'password_hash', 'password'])

export const MASK = '••••••'

export const isMaskedColumn = (name: string): boolean => MASKED_COLUMNS.has(name.toLowerCase())
