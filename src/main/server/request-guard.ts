import type { IncomingMessage } from 'node:http'

/**
 * The server listens on loopback only, but any web page can make a browser send requests there. A name that an attacker
 * points at 127.0.0.1 (DNS rebinding) gives itself away in `Host`, another page in `Origin`. The port is left free: through
 * `ssh -L` the browser sees another one.
 */
const OWN_HOST = /^(127\.0\.0\.1|localhost|\[::1\])(:\d{1,5})?$/

/** The `Host` under which a browser may reach the console; nothing for any other. */
export function ownHost(request: IncomingMessage): string | undefined {
  const { host } = request.headers
  return host !== undefined && OWN_HOST.test(host) ? host : undefined
}

/** Whether a page of this very console asks. Browsers always send `Origin` with a WebSocket. */
export const isOwnOrigin = (request: IncomingMessage, host: string): boolean =>
  request.headers.origin === `http://${host}`
