import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '#shared/errors.ts'

export interface Migration {
  /** Counts from 1 without gaps. */
  readonly version: number
  readonly name: string
  readonly up: string
  readonly down: string
  /** SHA-256 of the up file's bytes, in hexadecimal. */
  readonly checksum: string
}

const FILE_NAME = /^(\d{4})_([a-z0-9_]+)\.(up|down)\.sql$/

/** Reads `NNNN_name.up.sql` / `.down.sql` pairs in the order of their versions; refuses gaps, clashes and missing halves. */
export async function loadMigrations(folder: string): Promise<Migration[]> {
  const files = (await readdir(folder)).filter(file => file.endsWith('.sql')).sort()
  const byVersion = new Map<number, { name: string; up?: string; down?: string }>()
  for (const file of files) {
    const [, digits, name, direction] = FILE_NAME.exec(file) ?? []
    if (digits === undefined || name === undefined) throw broken(`${file} is not named NNNN_name.up.sql or .down.sql`)
    const version = Number(digits)
    const entry = byVersion.get(version) ?? { name }
    if (entry.name !== name) throw broken(`version ${version} has two names: ${entry.name} and ${name}`)
    byVersion.set(version, {
      ...entry,
      [direction === 'up' ? 'up' : 'down']: await readFile(join(folder, file), 'utf8'),
    })
  }
  return [...byVersion].map(([version, { name, up, down }], index) => {
    if (version !== index + 1) throw broken(`version ${index + 1} is missing`)
    if (up === undefined || down === undefined) throw broken(`version ${version} lacks its up or its down file`)
    return { version, name, up, down, checksum: createHash('sha256').update(up).digest('hex') }
  })
}

const broken = (message: string): AppError =>
  new AppError('INTERNAL', `The migration files of this installation are damaged: ${message}.`, {
    hint: 'Install Tenantry again.',
  })
