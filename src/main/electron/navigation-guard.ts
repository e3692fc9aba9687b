import { app, type Session, shell, type WebContents } from 'electron'
import { isOwnAddress } from './origin.ts'

/** Documentation that the page may link to. Everything else stays closed: an address could come from a tenant's data. */
const ALLOWED_HOSTS: ReadonlySet<string> = new Set([
  'docs.aws.amazon.com',
  'redis.io',
  'www.mongodb.com',
  'www.postgresql.org',
])

export function isAllowedExternal(address: string): boolean {
  if (!URL.canParse(address)) return false
  const { protocol, hostname, port, username, password } = new URL(address)
  return protocol === 'https:' && ALLOWED_HOSTS.has(hostname) && port === '' && username === '' && password === ''
}

/** For every page that this process will ever make: it goes nowhere and opens nothing. */
export function guardAllPages(): void {
  app.on('web-contents-created', (_event, contents) => guardPage(contents))
}

export function guardPage(contents: WebContents): void {
  const deny = (event: { preventDefault(): void }) => event.preventDefault()
  contents.on('will-navigate', deny)
  contents.on('will-frame-navigate', deny)
  contents.on('will-redirect', deny)
  contents.on('will-attach-webview', deny)
  contents.setWindowOpenHandler(({ url }) => {
    if (isAllowedExternal(url)) void shell.openExternal(url)
    return { action: 'deny' }
  })
}

/** Copying to the clipboard from our own page; nothing else is ever granted. */
const isGranted = (permission: string, address: string): boolean =>
  permission === 'clipboard-sanitized-write' && isOwnAddress(address)

export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((...[, permission, answer, details]) =>
    answer(isGranted(permission, details.requestingUrl)),
  )
  session.setPermissionCheckHandler((_contents, permission, origin) => isGranted(permission, origin))
  session.setDevicePermissionHandler(() => false)
  session.on('will-download', event => event.preventDefault())
}
