import { readFile } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { join } from 'node:path'
import { contentSecurityPolicy, SECURITY_HEADERS } from '../page/content-security-policy.ts'
import { readStaticFile } from '../page/static-files.ts'
import { ownHost } from './request-guard.ts'

export interface PageFolders {
  rendererDirectory: string
  preloadDirectory: string
}

export interface PageSource {
  folders: PageFolders
  /** Where a launch ticket leads to; nothing when it is not valid. */
  redeem(ticket: string): string | undefined
}

interface Answer {
  status: number
  type: string
  body: Buffer | string
  headers?: Record<string, string>
}

const TEXT = 'text/plain; charset=utf-8'
const SCRIPT = 'text/javascript; charset=utf-8'
export const LAUNCH_PATH = '/host/open/'
const REFUSAL = `This page needs the address that the console printed when it started.

The address ends in #token=… and is a new one after every start. Open it as a whole, or start the console again with:

    npm run web
`
const NOT_BUILT = 'The built page is not there: run npm run build.\n'
/** Plain scripts run in order and before the app's module script. */
const HOST_SCRIPTS = '<script src="/host/bridge.js"></script><script src="/host/preload.js"></script>'

/** Answers every HTTP request: the built page, and the two scripts that stand in for Electron. Nothing here is secret. */
export async function answerPage(request: IncomingMessage, response: ServerResponse, source: PageSource) {
  const host = ownHost(request)
  const answer = await findAnswer(request, host, source)
  const body = Buffer.from(answer.body)
  response.writeHead(answer.status, {
    ...SECURITY_HEADERS,
    'Content-Security-Policy': contentSecurityPolicy({ connect: ["'self'", `ws://${host ?? '127.0.0.1'}`] }),
    'Cache-Control': 'no-store',
    'Content-Type': answer.type,
    'Content-Length': body.byteLength,
    ...answer.headers,
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

async function findAnswer(request: IncomingMessage, host: string | undefined, source: PageSource): Promise<Answer> {
  if (host === undefined) return { status: 421, type: TEXT, body: 'This name is not one of the console.\n' }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    return { status: 405, type: TEXT, body: 'Only GET and HEAD are answered here.\n' }
  }
  const [path = '/'] = (request.url ?? '/').split('?')
  const { folders } = source
  if (path.startsWith(LAUNCH_PATH)) return launch(source.redeem(path.slice(LAUNCH_PATH.length)))
  if (path === '/host/refused') return { status: 403, type: TEXT, body: REFUSAL }
  if (path === '/host/bridge.js') return { status: 200, type: SCRIPT, body: await wrapBridge(folders) }
  if (path === '/host/preload.js') return { status: 200, type: SCRIPT, body: await wrapPreload(folders) }
  const file = await readStaticFile(folders.rendererDirectory, path)
  if (file === undefined)
    return { status: 404, type: TEXT, body: path === '/' ? NOT_BUILT : 'There is no such file.\n' }
  if (file.type.startsWith('text/html')) {
    return { status: 200, type: file.type, body: withHostScripts(file.body.toString()) }
  }
  const headers = file.isImmutable ? { 'Cache-Control': 'public, max-age=31536000, immutable' } : {}
  return { status: 200, type: file.type, body: file.body, headers }
}

function launch(target: string | undefined): Answer {
  if (target !== undefined) return { status: 303, type: TEXT, body: '', headers: { Location: target } }
  const body = 'This link was used already, or is too old. Open the address that the console printed.\n'
  return { status: 410, type: TEXT, body }
}

/** In a function of its own, so that nothing of it becomes a global of the page. */
async function wrapBridge(folders: PageFolders): Promise<string> {
  const bridge = await readFile(join(folders.preloadDirectory, 'web-bridge.cjs'), 'utf8')
  return `(function () {\n${bridge}\n})()\n`
}

/** The desktop's preload as a script: CommonJS needs its three names, which the bridge gives it. */
async function wrapPreload(folders: PageFolders): Promise<string> {
  const preload = await readFile(join(folders.preloadDirectory, 'index.cjs'), 'utf8')
  return `tenantryHost.runPreload(function (require, module, exports) {\n${preload}\n})\n`
}

function withHostScripts(html: string): string {
  const head = /<head[^>]*>/i.exec(html)
  if (head === null) return HOST_SCRIPTS + html
  const end = head.index + head[0].length
  return html.slice(0, end) + HOST_SCRIPTS + html.slice(end)
}
