import { readFile, realpath } from 'node:fs/promises'
import { extname, join, sep } from 'node:path'

export interface StaticFile {
  body: Buffer
  type: string
  /** The build puts a hash of the content into the names under `assets/`. */
  isImmutable: boolean
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
}

/**
 * One file of the built page, by the path of its URL. Nothing outside of the folder is read, neither through `..` nor
 * through a link; a file of a type that the page does not need counts as absent.
 */
export async function readStaticFile(root: string, urlPath: string): Promise<StaticFile | undefined> {
  const path = decodePath(urlPath)
  if (path === undefined) return undefined
  const type = TYPES[extname(path)]
  if (type === undefined) return undefined
  try {
    const realRoot = await realpath(root)
    const file = await realpath(join(realRoot, path))
    if (!file.startsWith(realRoot + sep)) return undefined
    return { body: await readFile(file), type, isImmutable: path.startsWith('/assets/') }
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

function decodePath(urlPath: string): string | undefined {
  let path: string
  try {
    path = decodeURIComponent(urlPath)
  } catch {
    return undefined
  }
  // Backslashes and zero bytes mean something else to some file systems; `..` is resolved by URLs before it gets here.
  if (!path.startsWith('/') || /[\\\0]/.test(path) || path.split('/').includes('..')) return undefined
  return path === '/' ? '/index.html' : path
}

const ABSENT = new Set(['ENOENT', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'])
const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && ABSENT.has(String(error.code))
