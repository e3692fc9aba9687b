import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import pg from 'pg'
import { describe, expect, test } from 'vitest'
import { variable } from './environment.ts'

const run = promisify(execFile)

async function ask(connection: pg.ClientConfig, sql: string): Promise<Record<string, unknown> | undefined> {
  const client = new pg.Client(connection)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows[0]
  } finally {
    await client.end()
  }
}

const TLS_IN_USE = 'SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()'

describe.each([15, 18])('PostgreSQL %i', major => {
  const url = variable(`TENANTRY_TEST_PG${major}_URL`)
  const tlsOnlyUrl = variable(`TENANTRY_TEST_PG${major}_TLS_ONLY_URL`)
  const ca = variable('TENANTRY_TEST_PG_CA')

  test('is the version it is called', async () => {
    const answer = await ask({ connectionString: url }, "SELECT current_setting('server_version_num')::int AS version")
    expect(Math.floor(Number(answer?.version) / 10_000)).toBe(major)
  })

  test('has room for the tests', async () => {
    const sql = `SELECT current_setting('max_connections')::int AS connections,
                        current_setting('max_locks_per_transaction')::int AS locks,
                        current_setting('shared_preload_libraries') AS libraries`
    expect(await ask({ connectionString: url }, sql)).toEqual({
      connections: 200,
      locks: 256,
      libraries: 'pg_stat_statements',
    })
  })

  test('refuses a wrong password', async () => {
    const wrong = new URL(url)
    wrong.password = 'wrong'
    await expect(ask({ connectionString: wrong.href }, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
  })

  test('serves without TLS, and with TLS under a certificate that its authority verifies', async () => {
    const ssl = { ca: await readFile(ca, 'utf8') }
    expect(await ask({ connectionString: url }, TLS_IN_USE)).toEqual({ ssl: false })
    expect(await ask({ connectionString: url, ssl }, TLS_IN_USE)).toEqual({ ssl: true })
  })

  test('has a certificate that nobody else vouches for', async () => {
    await expect(ask({ connectionString: url, ssl: {} }, 'SELECT 1')).rejects.toThrow(
      /unable to verify the first certificate/,
    )
  })

  test('lets one role in with TLS only', async () => {
    const ssl = { ca: await readFile(ca, 'utf8') }
    await expect(ask({ connectionString: tlsOnlyUrl }, 'SELECT 1')).rejects.toMatchObject({ code: '28000' })
    expect(await ask({ connectionString: tlsOnlyUrl, ssl }, TLS_IN_USE)).toEqual({ ssl: true })
  })

  test('comes with client tools of its own version that reach it', async () => {
    const tool = (name: string): string => join(variable(`TENANTRY_TEST_PG${major}_BIN`), name)
    const { stdout: version } = await run(tool('pg_dump'), ['--version'])
    expect(version).toContain(`(PostgreSQL) ${major}.`)
    const { stdout: dump } = await run(tool('pg_dump'), ['--schema-only', `--dbname=${url}`])
    expect(dump).toContain('PostgreSQL database dump complete')
  })
})
