/** The page's own scheme: a real origin of its own, unlike `file:`, and no port that anyone could reach. */
export const APP_SCHEME = 'app'
export const APP_HOST = 'tenantry'
export const APP_URL = `${APP_SCHEME}://${APP_HOST}/index.html`

/** Whether an address belongs to our page. Node's URL knows no origin of custom schemes, so its parts are compared. */
export function isOwnAddress(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, host, username, password } = new URL(address)
  return protocol === `${APP_SCHEME}:` && host === APP_HOST && username === '' && password === ''
}
