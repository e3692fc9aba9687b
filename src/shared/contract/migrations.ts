import { z } from 'zod'
import { EnvironmentId } from '../ids.ts'
import { contract, mutation, query } from './define.ts'

const Fleet = z.object({ environmentId: EnvironmentId })

export const MigrationState = z.object({
  version: z.number().int(),
  name: z.string(),
  state: z
    .enum(['applied', 'pending', 'changed', 'unknown'])
    .describe('changed: applied with another text than the file has now; unknown: applied, but no file is here'),
  appliedAt: z.string().nullable(),
})

export const migrations = contract('migrations', {
  status: query({
    access: 'read',
    scope: 'fleet',
    summary: 'Show the state of the registry and how many tenants are at each version',
    input: Fleet,
    output: z.object({
      registry: z.array(MigrationState),
      isRegistryReady: z.boolean(),
      latestTenantVersion: z.number().int(),
      tenantsByVersion: z.array(z.object({ version: z.number().int(), tenants: z.number().int() })),
    }),
  }),
  migrateRegistry: mutation({
    access: 'admin',
    scope: 'fleet',
    summary: 'Set up the registry, or bring it up to date',
    input: Fleet,
    output: z.object({ applied: z.array(z.object({ version: z.number().int(), name: z.string() })) }),
    invalidates: ['migrations.*', 'tenants.*'],
  }),
})
