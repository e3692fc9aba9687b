import type { Certificates } from '../runtime/certificates.ts'
import type { Run } from '../runtime/run.ts'
import { clientToolsFolder } from './client-tools.ts'
import { findPostgres, type Major } from './installation.ts'
import { connectionUrl, query, startPostgres, TLS_ONLY_ROLE } from './server.ts'

/** Starts PostgreSQL of one major version with TLS and passwords, and returns the variables that tell of it. */
export async function startPostgresService(
  run: Run,
  major: Major,
  certificates: Certificates,
): Promise<Record<string, string>> {
  const name = `postgres${major}`
  const installation = await findPostgres(run, major, name)
  const { site, binaries, hasStatistics } = installation
  const settings = (): string[] => (hasStatistics ? ["shared_preload_libraries = 'pg_stat_statements'"] : [])
  const server = await startPostgres(run, { name, site, binaries, certificates, settings })
  const tools = await clientToolsFolder(run, installation)
  const prefix = `TENANTRY_TEST_PG${major}`
  return {
    [`${prefix}_URL`]: server.url,
    [`${prefix}_TLS_ONLY_URL`]: await createTlsOnlyRole(run, name, server),
    TENANTRY_TEST_PG_CA: certificates.ca,
    ...(tools === undefined ? {} : { [`${prefix}_BIN`]: tools }),
  }
}

async function createTlsOnlyRole(run: Run, name: string, server: { url: string; port: number }): Promise<string> {
  const password = run.secret(`${name}-${TLS_ONLY_ROLE}`)
  const known = await query(server.url, `SELECT 1 FROM pg_roles WHERE rolname = '${TLS_ONLY_ROLE}'`)
  // The password holds hexadecimal digits only (Run.secret); CREATE ROLE takes no parameters.
  if (known.length === 0) await query(server.url, `CREATE ROLE ${TLS_ONLY_ROLE} LOGIN PASSWORD '${password}'`)
  return connectionUrl({ user: TLS_ONLY_ROLE, password, port: server.port })
}
