/**
 * The address of the console carries its token in the fragment, which browsers send to nobody: `#token=<token>`, or
 * `#token=<token>&<route>` to open a route of the page (`#token=…&/tenants`).
 */
const TOKEN_FRAGMENT = /^#token=([A-Za-z0-9_-]{1,128})(?:&(.*))?$/s
const STORAGE_KEY = 'tenantry-token'

export interface Page {
  readonly location: { readonly hash: string; readonly pathname: string }
  readonly history: { replaceState(state: unknown, unused: string, url: string): void }
  readonly sessionStorage: { getItem(key: string): string | null; setItem(key: string, value: string): void }
}

/** Moves the token from the address bar into this tab's storage, so that it is in no history and survives a reload. */
export function takeToken(page: Page): string | undefined {
  const found = TOKEN_FRAGMENT.exec(page.location.hash)
  const token = found?.[1]
  if (token === undefined) return page.sessionStorage.getItem(STORAGE_KEY) ?? undefined
  page.sessionStorage.setItem(STORAGE_KEY, token)
  const route = found?.[2] ?? ''
  page.history.replaceState(null, '', route === '' ? page.location.pathname : `${page.location.pathname}#${route}`)
  return token
}
