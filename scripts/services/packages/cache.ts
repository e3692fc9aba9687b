import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where unpacked packages stay between runs. TENANTRY_CACHE wins over the XDG cache directory. */
export function cacheDirectory(): string {
  const base = process.env.TENANTRY_CACHE ?? join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'tenantry')
  return join(base, 'services')
}
