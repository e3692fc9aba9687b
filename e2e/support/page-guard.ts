import { expect, type Page } from '@playwright/test'

/** What a page exchanged with its console, and what it must never do. */
export interface PageGuard {
  /** Texts of all frames between page and console, in order. Empty in the desktop app, which has no socket. */
  readonly frames: readonly string[]
  /** The frames with which the page called an operation. */
  calls(operation: string): string[]
  /** The frames that came to the page. */
  answers(): string[]
  /** Fails where the page asked anything of another origin, broke its policy or threw. */
  check(): void
}

/** A page may be led to a console only; from there on it may ask that console only. */
function isAllowed(page: Page, address: string, isNavigation: boolean): boolean {
  const { protocol, host, hostname } = new URL(address)
  if (protocol === 'data:' || protocol === 'blob:') return true
  if (isNavigation) return hostname === '127.0.0.1' || protocol === 'app:'
  return host === new URL(page.url()).host
}

/** Listens from now on; to be called before the page loads. */
export function guardPage(page: Page): PageGuard {
  const frames: string[] = []
  const foreign: string[] = []
  const violations: string[] = []
  const errors: string[] = []
  const note = (address: string, isNavigation = false) => {
    if (!isAllowed(page, address, isNavigation)) foreign.push(address)
  }
  page.on('request', request => note(request.url(), request.isNavigationRequest()))
  page.on('websocket', socket => {
    note(socket.url())
    socket.on('framesent', ({ payload }) => frames.push(String(payload)))
    socket.on('framereceived', ({ payload }) => frames.push(String(payload)))
  })
  page.on('console', message => {
    if (message.text().includes('Content Security Policy')) violations.push(message.text())
  })
  page.on('pageerror', error => errors.push(error.message))
  const isCall = (frame: string) => /^\{"type":"(call|cancel)"/.test(frame)
  return {
    frames,
    calls: operation => frames.filter(frame => isCall(frame) && frame.includes(`"op":"${operation}"`)),
    answers: () => frames.filter(frame => !isCall(frame)),
    check: () => expect({ foreign, violations, errors }).toEqual({ foreign: [], violations: [], errors: [] }),
  }
}
