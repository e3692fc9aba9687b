import { defineConfig } from 'vitest/config'

const NEEDS_SERVICES = '**/*.db.test.ts'
/** They look at all databases of a server, so no other suite may make any meanwhile. */
const NEEDS_SERVER_ALONE = [
  'src/main/features/backups/full/*.db.test.ts',
  'src/main/features/backups/handlers/server-leftovers.db.test.ts',
]
const NEEDS_KEYCHAIN = '**/*.keychain.test.ts'

export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.{ts,tsx}', 'scripts/**/*.test.ts'],
          exclude: [NEEDS_SERVICES, NEEDS_KEYCHAIN],
        },
      },
      {
        test: {
          name: 'db',
          include: [NEEDS_SERVICES],
          exclude: ['node_modules/**', ...NEEDS_SERVER_ALONE],
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'server-alone',
          include: NEEDS_SERVER_ALONE,
          fileParallelism: false,
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      {
        // What depends on the server's version runs again on the newest one.
        test: {
          name: 'db-postgres18',
          include: [
            'src/main/features/{tenants,data,migrations}/*.db.test.ts',
            'src/main/features/backups/{archive,clone,create,restore}/*.db.test.ts',
          ],
          env: { TENANTRY_TEST_POSTGRES: 'TENANTRY_TEST_PG18_URL' },
          testTimeout: 30_000,
          hookTimeout: 60_000,
        },
      },
      { test: { name: 'keychain', include: [NEEDS_KEYCHAIN], exclude: ['node_modules/**'] } },
    ],
  },
})
