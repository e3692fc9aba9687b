import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '#shared/errors.ts'
import { type Directives, readDirectives } from './directives.ts'
import { SqlTextError } from './sql-tokens.ts'

export interface Migration {
  readonly version: number
  readonly name: string
  readonly up: string
  readonly down: string
  /** SHA-256 of the up file's bytes, in hexadecimal. */
  readonly checksum: string
}

/** A migration of the fleet's set: Tenantry's own, or one of the environment's folder. */
export interface FleetMigration extends Omit<Migration, 'down'> {
  readonly origin: 'built-in' | 'own'
  /** Null where an own migration has no way back; lint says so. */
  readonly down: string | null
  readonly directives: Directives
  /** Null without a down file. */
  readonly downDirectives: Directives | null
}

interface Pair {
  version: number
  name: string
  up?: string
  down?: string
}

type Refuse = (message: string) => AppError

const FILE_NAME = /^(\d{4})_([a-z0-9_]+)\.(up|down)\.sql$/

/** Reads `NNNN_name.up.sql` / `.down.sql` pairs that count from 1; refuses gaps, clashes and missing halves. */
export async function loadMigrations(folder: string): Promise<Migration[]> {
  const pairs = await readPairs(folder, damaged)
  refuseGaps(pairs, 1, damaged)
  return pairs.map(({ version, name, up, down }) => {
    if (up === undefined || down === undefined) throw damaged(`version ${version} lacks its up or its down file`)
    return { version, name, up, down, checksum: checksumOf(up) }
  })
}

/**
 * Tenantry's own migrations and those of an environment's folder, in the order of their numbers. The folder may begin at any number and
 * has no gap inside; a number that both use is refused. Why: docs/adr/0011-fleet-migrations.md.
 */
export async function loadFleetMigrations(builtIn: string, ownFolder?: string): Promise<FleetMigration[]> {
  const shipped = (await loadMigrations(builtIn)).map(one => withDirectives(one, 'built-in', damaged))
  // A new tenant is built with them in one transaction.
  const apart = shipped.find(one => one.directives.isWithoutTransaction || one.directives.batchRows !== null)
  if (apart !== undefined) throw damaged(`${fileName(apart, 'up')} cannot be part of building a tenant`)
  if (ownFolder === undefined) return shipped
  const own = await loadOwn(ownFolder)
  for (const { version, name } of own) {
    const clash = shipped.find(one => one.version === version)
    if (clash === undefined) continue
    throw unusable(`version ${version} (${name}) has the number of Tenantry's own migration ${clash.name}`)
  }
  return [...shipped, ...own].sort((a, b) => a.version - b.version)
}

async function loadOwn(folder: string): Promise<FleetMigration[]> {
  const pairs = await readPairs(folder, unusable)
  refuseGaps(pairs, pairs[0]?.version ?? 1, unusable)
  return pairs.map(({ version, name, up, down }) => {
    if (up === undefined) throw unusable(`version ${version} lacks its up file`)
    return withDirectives({ version, name, up, down: down ?? null, checksum: checksumOf(up) }, 'own', unusable)
  })
}

function withDirectives(
  one: Omit<Migration, 'down'> & { down: string | null },
  origin: FleetMigration['origin'],
  refuse: Refuse,
): FleetMigration {
  const read = (text: string, direction: 'up' | 'down'): Directives => {
    try {
      return readDirectives(text)
    } catch (error) {
      if (!(error instanceof SqlTextError)) throw error
      throw refuse(`${fileName(one, direction)}, line ${error.line}: ${error.message}`)
    }
  }
  const downDirectives = one.down === null ? null : read(one.down, 'down')
  return { ...one, origin, directives: read(one.up, 'up'), downDirectives }
}

async function readPairs(folder: string, refuse: Refuse): Promise<Pair[]> {
  const files = (await readNames(folder, refuse)).filter(file => file.endsWith('.sql')).sort()
  const byVersion = new Map<number, Pair>()
  for (const file of files) {
    const [, digits, name, direction] = FILE_NAME.exec(file) ?? []
    if (digits === undefined || name === undefined) throw refuse(`${file} is not named NNNN_name.up.sql or .down.sql`)
    const version = Number(digits)
    if (version === 0) throw refuse(`${file} has the number 0; versions count from 1`)
    const entry = byVersion.get(version) ?? { version, name }
    if (entry.name !== name) throw refuse(`version ${version} has two names: ${entry.name} and ${name}`)
    const text = await readText(join(folder, file), refuse)
    byVersion.set(version, { ...entry, [direction === 'up' ? 'up' : 'down']: text })
  }
  return [...byVersion.values()]
}

async function readNames(folder: string, refuse: Refuse): Promise<string[]> {
  try {
    return await readdir(folder)
  } catch (error) {
    throw refuse(`the folder ${folder} cannot be read (${error instanceof Error ? error.message : 'unknown'})`)
  }
}

/** Bytes that are no UTF-8 would be replaced without a word, and the checksum would be that of another text. */
async function readText(path: string, refuse: Refuse): Promise<string> {
  const bytes = await readFile(path)
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw refuse(`${path} is not UTF-8 text`)
  }
}

function refuseGaps(pairs: readonly Pair[], first: number, refuse: Refuse): void {
  const missing = pairs.findIndex(({ version }, index) => version !== first + index)
  if (missing >= 0) throw refuse(`version ${first + missing} is missing`)
}

const checksumOf = (text: string): string => createHash('sha256').update(text).digest('hex')

export const fileName = (one: { version: number; name: string }, direction: 'up' | 'down'): string =>
  `${String(one.version).padStart(4, '0')}_${one.name}.${direction}.sql`

const damaged: Refuse = message =>
  new AppError('INTERNAL', `The migration files of this installation are damaged: ${message}.`, {
    hint: 'Install Tenantry again.',
  })

const unusable: Refuse = message =>
  new AppError('INVALID_INPUT', `The migrations of this environment cannot be used: ${message}.`, {
    hint: 'Correct the files in the folder of this environment; nothing was run.',
  })
