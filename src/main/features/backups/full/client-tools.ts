import { constants } from 'node:fs'
import { access, realpath } from 'node:fs/promises'
import { basename, delimiter, dirname, join } from 'node:path'
import { throwIfCancelled } from '../../../connections/deadline.ts'
import { noFittingTool, unreadableDump } from './client-tools-missing.ts'
import { expandPlaces, WELL_KNOWN_PLACES } from './client-tools-places.ts'
import { outputOf } from './tool-process.ts'

export const TOOLS = ['pg_dump', 'pg_restore', 'psql'] as const
export type ToolName = (typeof TOOLS)[number]

export interface ClientTool {
  name: ToolName
  path: string
  /** As the tool says it, such as 15.18. */
  version: string
  major: number
  minor: number
}

export interface ClientToolPlaces {
  /** Chosen by the person; looked at first. */
  folder?: string | undefined
  /** As in PATH; this process's own when absent. */
  path?: string | undefined
  /** Folders with `*` for one name or a part of one; those usual on this platform when absent. */
  wellKnown?: readonly string[] | undefined
}

const VERSION_TIMEOUT_MS = 5_000
const VERSION_LIMIT_BYTES = 4_096
const VERSION = /^\S+ \([^)]*\) (\d+)(?:\.(\d+))?/
/** Debian's wrapper picks a version by cluster, so what it says now is not what it runs later; what it runs is found itself. */
const WRAPPERS = new Set(['pg_wrapper'])

/** PostgreSQL's own tools on this machine. What was found is kept; what was missing is looked for again at the next request. */
export class ClientTools {
  private readonly places: ClientToolPlaces
  private readonly known = new Map<ToolName, Promise<ClientTool[]>>()

  constructor(places: ClientToolPlaces = {}) {
    this.places = places
  }

  /** All that answer, in the order of the places. */
  async find(name: ToolName, signal: AbortSignal): Promise<ClientTool[]> {
    const known = await this.known.get(name)?.catch(() => undefined)
    if (known !== undefined && (await stillThere(known))) return known
    const looking = this.look(name, signal)
    this.known.set(name, looking)
    const found = await looking.catch((error: unknown) => {
      this.known.delete(name)
      throw error
    })
    if (found.length === 0) this.known.delete(name)
    return found
  }

  /**
   * The one that fits a server: of its major version, else the next newer one where the tool allows that.
   * @throws AppError UNSUPPORTED naming what was found where, what is needed and how to get it
   */
  async choose(name: ToolName, serverMajor: number, signal: AbortSignal): Promise<ClientTool> {
    const choose = (tools: readonly ClientTool[]) => {
      const fitting = tools.filter(tool => fits(tool, serverMajor))
      return fitting.toSorted((a, b) => a.major - b.major)[0]
    }
    let chosen = choose(await this.find(name, signal))
    if (chosen === undefined) {
      // It may have been installed since.
      this.known.delete(name)
      chosen = choose(await this.find(name, signal))
    }
    if (chosen !== undefined) return chosen
    const searched = await this.folders()
    throw noFittingTool({ name, serverMajor, found: await this.find(name, signal), searched })
  }

  /** The oldest pg_restore that reads what this version of pg_dump wrote. @throws AppError UNSUPPORTED */
  async chooseReader(dumpMajor: number, signal: AbortSignal): Promise<ClientTool> {
    const tools = await this.find('pg_restore', signal)
    const chosen = tools.filter(tool => tool.major >= dumpMajor).toSorted((a, b) => a.major - b.major)[0]
    if (chosen !== undefined) return chosen
    throw unreadableDump({ dumpMajor, found: tools, searched: await this.folders() })
  }

  private async look(name: ToolName, signal: AbortSignal): Promise<ClientTool[]> {
    const found: ClientTool[] = []
    const seen = new Set<string>()
    for (const folder of await this.folders()) {
      const path = join(folder, process.platform === 'win32' ? `${name}.exe` : name)
      const real = await executableAt(path)
      if (real === undefined || seen.has(real)) continue
      seen.add(real)
      const tool = await ask(name, path, signal)
      if (tool !== undefined) found.push(tool)
    }
    return found
  }

  private async folders(): Promise<string[]> {
    const { folder, path = process.env.PATH ?? '', wellKnown = WELL_KNOWN_PLACES[process.platform] ?? [] } = this.places
    const own = folder === undefined || folder === '' ? [] : [folder]
    const fromPath = path.split(delimiter).filter(part => part !== '')
    return [...new Set([...own, ...fromPath, ...(await expandPlaces(wellKnown))])]
  }
}

/**
 * pg_dump reads older servers, never newer ones. pg_restore and psql work with older servers too, but pg_restore 17 and later
 * sets transaction_timeout, which servers before 17 do not know.
 */
function fits(tool: ClientTool, serverMajor: number): boolean {
  if (tool.major === serverMajor) return true
  if (tool.major < serverMajor) return false
  return tool.name !== 'pg_restore' || serverMajor >= 17 || tool.major < 17
}

async function executableAt(path: string): Promise<string | undefined> {
  try {
    await access(path, constants.X_OK)
    const real = await realpath(path)
    return WRAPPERS.has(basename(real)) ? undefined : real
  } catch {
    return undefined
  }
}

const stillThere = async (tools: readonly ClientTool[]): Promise<boolean> =>
  tools.length > 0 && (await Promise.all(tools.map(tool => executableAt(tool.path)))).every(path => path !== undefined)

/** undefined where the file is no tool of PostgreSQL, or does not run here. */
async function ask(name: ToolName, path: string, signal: AbortSignal): Promise<ClientTool | undefined> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(VERSION_TIMEOUT_MS)])
  const environment = { variables: { LC_ALL: 'C' }, folder: dirname(path), secrets: [] }
  const command = { program: path, args: ['--version'], environment, signal: limit }
  const text = await outputOf(command, VERSION_LIMIT_BYTES).catch(() => {
    throwIfCancelled(signal)
    return ''
  })
  const [, major, minor = '0'] = VERSION.exec(text) ?? []
  if (major === undefined || !text.startsWith(`${name} `)) return undefined
  return { name, path, version: `${major}.${minor}`, major: Number(major), minor: Number(minor) }
}
