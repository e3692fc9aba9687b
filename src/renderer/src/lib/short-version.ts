/** What distributors add to a version says little at a glance: `15.18 (Debian 15.18-0+deb12u1)` → 15.18. */
export const shortVersion = (version: string): string => version.replace(/\s*\(.*\)$/, '')
