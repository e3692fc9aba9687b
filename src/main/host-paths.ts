import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { dirname, isAbsolute, join, resolve } from 'node:path'

/** Where a host finds its files. All paths are absolute. */
export interface HostPaths {
  /** Settings, audit, jobs and logs of the person. */
  dataDirectory: string
  /** Holds `migrations/`: the project in development, the archive of the app once packaged. */
  resourcesDirectory: string
  /** The built page. */
  rendererDirectory: string
  /** The built preload scripts. */
  preloadDirectory: string
  version: string
}

type Variables = Readonly<Record<string, string | undefined>>

/** Throws when the program does not lie in a Tenantry folder. */
export function hostPaths(from: string = import.meta.dirname, variables: Variables = process.env): HostPaths {
  const { root, version } = findProject(from)
  return {
    dataDirectory: dataDirectory(process.platform, variables),
    resourcesDirectory: root,
    rendererDirectory: join(root, 'out', 'renderer'),
    preloadDirectory: join(root, 'out', 'preload'),
    version,
  }
}

/** `TENANTRY_DATA`, else where the system keeps the data of programs. */
export function dataDirectory(platform: NodeJS.Platform, variables: Variables): string {
  const chosen = variables.TENANTRY_DATA
  if (chosen !== undefined && chosen !== '') return resolve(chosen)
  const home = homedir()
  if (platform === 'win32') return join(variables.APPDATA ?? join(home, 'AppData', 'Roaming'), 'Tenantry')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Tenantry')
  const xdg = variables.XDG_DATA_HOME
  // The XDG specification tells programs to ignore relative paths here.
  return join(xdg !== undefined && isAbsolute(xdg) ? xdg : join(home, '.local', 'share'), 'tenantry')
}

function findProject(from: string): { root: string; version: string } {
  for (let folder = resolve(from); ; folder = dirname(folder)) {
    const manifest = readManifest(join(folder, 'package.json'))
    if (manifest?.name === 'tenantry') return { root: folder, version: manifest.version ?? '0.0.0' }
    if (folder === dirname(folder)) throw new Error(`No package.json of tenantry above ${from}`)
  }
}

function readManifest(path: string): { name?: string; version?: string } | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as { name?: string; version?: string }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
