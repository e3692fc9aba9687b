import { readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'

/** Where installers put PostgreSQL's tools without adding them to PATH. `*` stands for one name or a part of one. */
export const WELL_KNOWN_PLACES: Readonly<Partial<Record<NodeJS.Platform, readonly string[]>>> = {
  linux: ['/usr/lib/postgresql/*/bin', '/usr/pgsql-*/bin', '/usr/local/pgsql/bin', '/opt/PostgreSQL/*/bin'],
  darwin: [
    '/opt/homebrew/opt/postgresql@*/bin',
    '/opt/homebrew/opt/libpq/bin',
    '/usr/local/opt/postgresql@*/bin',
    '/usr/local/opt/libpq/bin',
    '/Library/PostgreSQL/*/bin',
    '/Applications/Postgres.app/Contents/Versions/*/bin',
  ],
  win32: ['C:\\Program Files\\PostgreSQL\\*\\bin'],
}

/** The folders that patterns stand for, newest version first. Those without a `*` are named whether they exist or not. */
export async function expandPlaces(patterns: readonly string[]): Promise<string[]> {
  const found = await Promise.all(patterns.map(expand))
  return found.flat()
}

async function expand(pattern: string): Promise<string[]> {
  const parts = pattern.split(sep)
  const at = parts.findIndex(part => part.includes('*'))
  if (at < 0) return [pattern]
  const parent = parts.slice(0, at).join(sep) || sep
  const [before = '', after = ''] = (parts[at] ?? '').split('*')
  const names = (await readdir(parent).catch(() => [])).filter(
    name => name.startsWith(before) && name.endsWith(after) && name.length >= before.length + after.length,
  )
  names.sort((a, b) => b.localeCompare(a, 'en', { numeric: true }))
  return names.map(name => join(parent, name, ...parts.slice(at + 1)))
}
