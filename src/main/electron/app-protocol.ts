import { protocol } from 'electron'
import { contentSecurityPolicy, SECURITY_HEADERS } from '../page/content-security-policy.ts'
import { readStaticFile } from '../page/static-files.ts'
import { APP_SCHEME, isOwnAddress } from './origin.ts'

/** Must be called before the app is ready. Standard and secure: the page gets an origin, storage and a secure context. */
export function registerAppScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: APP_SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ])
}

/** Serves the built page, and nothing else, under our own scheme. */
export function serveApp(rendererDirectory: string): void {
  protocol.handle(APP_SCHEME, request => answer(request, rendererDirectory))
}

async function answer(request: Request, rendererDirectory: string): Promise<Response> {
  if (request.method !== 'GET') return refuse(405)
  if (!isOwnAddress(request.url)) return refuse(404)
  const file = await readStaticFile(rendererDirectory, new URL(request.url).pathname)
  if (file === undefined) return refuse(404)
  return new Response(new Uint8Array(file.body), { headers: headers(file.type) })
}

const refuse = (status: number): Response => new Response(null, { status, headers: headers('text/plain') })

/** The page talks to the main process only, so it may connect to nothing. */
const headers = (type: string): Record<string, string> => ({
  ...SECURITY_HEADERS,
  'Content-Security-Policy': contentSecurityPolicy({ connect: [] }),
  'Content-Type': type,
})
