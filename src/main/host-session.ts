import { userInfo } from 'node:os'
import type { HostName } from '#shared/contract/app.ts'
import { newId } from '#shared/ids.ts'
import type { Role } from '#shared/permissions.ts'
import type { Session } from './kernel/context.ts'

/** A session of the person who runs this process. */
export const hostSession = (host: HostName, maximumRole: Role = 'dba'): Session => ({
  id: newId(),
  user: userName(),
  host,
  maximumRole,
})

function userName(): string {
  try {
    return userInfo().username
  } catch {
    // A container may run under a user id that has no name.
    return `uid ${process.getuid?.() ?? 'unknown'}`
  }
}
