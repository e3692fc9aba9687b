import { randomBytes } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { Client, escapeIdentifier } from 'pg'

/** Real servers for the tests of this folder's SQL. A missing PostgreSQL 15 is a failure: nothing is skipped quietly. */
export function testServers(): { name: string; url: string }[] {
  const pg15 = process.env.TENANTRY_TEST_PG15_URL
  if (!pg15) throw new Error('TENANTRY_TEST_PG15_URL is not set: these tests need a real PostgreSQL 15')
  const pg18 = process.env.TENANTRY_TEST_PG18_URL
  return [{ name: 'PostgreSQL 15', url: pg15 }, ...(pg18 ? [{ name: 'PostgreSQL 18', url: pg18 }] : [])]
}

export interface Scratch extends AsyncDisposable {
  client: Client
}

/** A database of its own with citext in schema `extensions`, dropped on disposal. */
export async function scratchDatabase(url: string): Promise<Scratch> {
  const name = `tenantry_sql_${randomBytes(6).toString('hex')}`
  await onServer(url, `create database ${escapeIdentifier(name)} template template0`)
  const target = new URL(url)
  target.pathname = `/${name}`
  const client = new Client({ connectionString: target.href })
  await client.connect()
  await client.query('create schema extensions; create extension citext schema extensions')
  return {
    client,
    [Symbol.asyncDispose]: async () => {
      await client.end()
      await onServer(url, `drop database ${escapeIdentifier(name)}`)
    },
  }
}

export type MigrationKind = 'registry' | 'tenant'

/** The texts of all migrations of one kind and direction, in the order in which they run. */
export async function migrationTexts(kind: MigrationKind, direction: 'up' | 'down'): Promise<string[]> {
  const folder = new URL(`./${kind}/`, import.meta.url)
  const names = (await readdir(fileURLToPath(folder))).filter(name => name.endsWith(`.${direction}.sql`)).sort()
  if (direction === 'down') names.reverse()
  return Promise.all(names.map(name => readFile(new URL(name, folder), 'utf8')))
}

/** Points the connection at `schema` (created when missing); session-wide, so only for a connection of one test. */
export async function enterSchema(client: Client, schema: string): Promise<void> {
  const name = escapeIdentifier(schema)
  await client.query(`create schema if not exists ${name}; set search_path to ${name}, extensions`)
}

export async function migrate(client: Client, kind: MigrationKind, direction: 'up' | 'down'): Promise<void> {
  for (const text of await migrationTexts(kind, direction)) await client.query(text)
}

async function onServer(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url })
  await client.connect()
  try {
    await client.query(statement)
  } finally {
    await client.end()
  }
}
