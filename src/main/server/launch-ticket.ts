import { isSameToken, newAccessToken } from './access-token.ts'

/** A browser may start slowly; after this the address in the terminal is the way in. In ms. */
const LIFETIME_MS = 60_000

/**
 * Opens the page once without showing the token: a browser is started with its address as an argument, and every user of a
 * machine can read the arguments of all processes.
 */
export class LaunchTicket {
  private value: string | undefined
  private expires = 0

  /** A new ticket; the one before is void. */
  issue(now = Date.now()): string {
    this.value = newAccessToken()
    this.expires = now + LIFETIME_MS
    return this.value
  }

  /** Whether this is the ticket; true at most once. */
  redeem(offered: string, now = Date.now()): boolean {
    if (this.value === undefined || now > this.expires || !isSameToken(this.value, offered)) return false
    this.value = undefined
    return true
  }
}
