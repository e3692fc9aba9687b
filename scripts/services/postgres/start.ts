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
  const variables = await postgresVariables(run, major, server)
  return {
    ...variables,
    TENANTRY_TEST_PG_CA: certificates.ca,
    ...(tools === undefined ? {} : { [`TENANTRY_TEST_PG${major}_BIN`]: tools }),
  }
}

/** Makes the role that pg_hba.conf lets in with TLS only, and returns both addresses of a running server. */
export async function postgresVariables(
  run: Run,
  major: Major,
  server: { url: string; port: number },
): Promise<Record<string, string>> {
  const password = run.secret(`postgres${major}-${TLS_ONLY_ROLE}`)
  const known = await query(server.url, `SELECT 1 FROM pg_roles WHERE rolname = '${TLS_ONLY_ROLE}'`)
  // The password holds hexadecimal digits only (Run.secret); CREATE ROLE takes no parameters.
  if (known.length === 0) await query(server.url, `CREATE ROLE ${TLS_ONLY_ROLE} LOGIN PASSWORD '${password}'`)
  return {
    [`TENANTRY_TEST_PG${major}_URL`]: server.url,
    [`TENANTRY_TEST_PG${major}_TLS_ONLY_URL`]: connectionUrl({
      user: TLS_ONLY_ROLE,
      password,
      port: server.port,
    }),
  }
}
