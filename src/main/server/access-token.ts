import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'

const PREFIX = 'token.'

/** 32 random bytes, in letters that an address and a WebSocket subprotocol can carry. */
export const newAccessToken = (): string => randomBytes(32).toString('base64url')

/** The token among the subprotocols that a page offers (`tenantry, token.…`). */
export function offeredToken(subprotocols: string | undefined): string | undefined {
  const offers = (subprotocols ?? '').split(',').map(offer => offer.trim())
  return offers.find(offer => offer.startsWith(PREFIX))?.slice(PREFIX.length)
}

/** In constant time; the hashes make both sides equally long. */
export function isSameToken(expected: string, offered: string | undefined): boolean {
  const hash = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(hash(expected), hash(offered ?? '')) && offered !== undefined
}
