import { z } from 'zod'
import { EnvironmentId, TenantId } from '../ids.ts'
import { Confirmation, Cursor, contract, job, mutation, page, query } from './define.ts'
import { TenantRef } from './tenant.model.ts'

const Fleet = z.object({ environmentId: EnvironmentId })

export const MigrationState = z.object({
  version: z.number().int(),
  name: z.string(),
  state: z
    .enum(['applied', 'pending', 'changed', 'unknown'])
    .describe('changed: applied with another text than the file has now; unknown: applied, but no file is here'),
  appliedAt: z.string().nullable(),
})

export const FLEET_STATES = ['applied', 'pending', 'running', 'failed', 'drifted', 'ahead', 'unknown'] as const
export type FleetState = (typeof FLEET_STATES)[number]

const State = z
  .enum(FLEET_STATES)
  .describe(
    'drifted: applied with another text than the file has now; ahead: newer than this console knows; unknown: no ledger, or no file',
  )
const StateCount = z.object({ state: State, tenants: z.number().int() })

export const FleetBoard = z.object({
  tenants: z.number().int().describe('All that are not deleted'),
  unbuilt: z.number().int().describe('Being provisioned, or failed to be: they have no schema to migrate'),
  groups: z
    .array(StateCount.extend({ version: z.number().int() }))
    .describe('Tenants by their highest applied version and the worst state of their migrations'),
  migrations: z.array(
    z.object({
      version: z.number().int(),
      name: z.string().nullable().describe('Null where this console has no file for it'),
      origin: z.enum(['built-in', 'own']).nullable(),
      states: z.array(StateCount),
    }),
  ),
})

export const FleetTenantPage = page(
  z.object({
    id: z.string(),
    slug: z.string(),
    name: z.string(),
    status: z.string(),
    version: z.number().int().describe('Highest applied version; 0 for none'),
    state: State,
    pending: z.number().int().describe('Migrations that have not been run on it'),
    problem: z
      .object({ version: z.number().int(), name: z.string(), error: z.json().nullable() })
      .nullable()
      .describe('The worst of its migrations'),
  }),
)

export const FleetHistoryEntry = z.object({
  version: z.number().int(),
  name: z.string(),
  state: State,
  appliedAt: z.string().nullable(),
  appliedBy: z.string().nullable(),
  durationMs: z.number().int().nullable(),
  error: z.json().nullable(),
})

const ReconcileReport = z.object({
  tenants: z.number().int(),
  added: z.number().int(),
  changed: z.number().int(),
  removed: z.number().int(),
  skipped: z.array(z.object({ tenantId: z.string(), slug: z.string(), reason: z.string() })),
})

const milliseconds = ([least, most]: [number, number], standard: number, what: string) =>
  z.number().int().min(least).max(most).default(standard).describe(`${what}, in milliseconds`)

const RunInput = Fleet.extend({
  tenantIds: z.array(TenantId).max(20_000).optional().describe('Only these tenants; all that need it when absent'),
  workers: z.number().int().min(1).max(6).default(2).describe('Connections that work at once'),
  canaryTenantIds: z.array(TenantId).max(1_000).optional().describe('Tenants to migrate first, alone'),
  canarySmallest: z.number().int().min(0).max(1_000).default(1).describe('Else as many of the smallest first, alone'),
  afterCanary: z
    .enum(['continue', 'ask'])
    .default('continue')
    .describe('What follows canaries without a failure: go on after the wait, or stand still until migrations.resume'),
  cleanWaitMs: milliseconds([0, 86_400_000], 0, 'Wait after canaries without a failure'),
  wavePercent: z.number().int().min(1).max(100).default(25).describe('Share of the other tenants in each later wave'),
  lockTimeoutMs: milliseconds([1, 600_000], 2_000, 'Wait for a lock where a migration says nothing else'),
  statementTimeoutMs: milliseconds([1, 86_400_000], 300_000, 'Time of a statement where a migration says nothing else'),
  retryBudgetMs: milliseconds(
    [0, 3_600_000],
    30_000,
    'Time for a tenant’s repeated tries behind locks and lost connections',
  ),
  stopAfterFailures: z
    .number()
    .int()
    .min(1)
    .max(20_000)
    .default(5)
    .describe('Begin no further tenant after as many failed'),
  stopAfterLockWaitMs: milliseconds(
    [1, 86_400_000],
    600_000,
    'Begin no further tenant after all lost that much to locks',
  ),
  confirmation: Confirmation.optional(),
})

const RunReport = z.object({
  outcomes: z.array(
    z.object({
      tenantId: z.string(),
      slug: z.string(),
      state: z.enum(['migrated', 'failed', 'skipped', 'not-run']),
      versions: z.array(z.number().int()).describe('What this run applied, also where it failed later'),
      durationMs: z.number().int(),
      retries: z.number().int(),
      notes: z.array(z.string()),
      reason: z.string().nullable().describe('Why it was skipped or not run'),
      error: z.json().nullable(),
    }),
  ),
  migrated: z.number().int(),
  failed: z.number().int(),
  skipped: z.number().int(),
  notRun: z.number().int(),
  stopped: z.string().nullable(),
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
  board: query({
    access: 'read',
    scope: 'fleet',
    summary: 'Show the whole fleet: tenants by version and state, and states by migration',
    input: Fleet,
    output: FleetBoard,
  }),
  tenants: query({
    access: 'read',
    scope: 'fleet',
    summary: 'List tenants with the state of their migrations',
    input: Fleet.extend({
      search: z.string().trim().min(1).max(200).optional().describe('Part of the name or slug'),
      states: z.array(z.enum(FLEET_STATES)).optional().describe('Only tenants in these states'),
      version: z.number().int().min(0).max(9_999).optional().describe('Only tenants at this version'),
      limit: z.number().int().min(1).max(500).default(100).describe('Rows in a page'),
      cursor: Cursor.optional(),
    }),
    output: FleetTenantPage,
  }),
  history: query({
    access: 'read',
    scope: 'tenant',
    summary: 'Show the migrations of one tenant with duration, person and error',
    input: TenantRef,
    output: z.object({ items: z.array(FleetHistoryEntry) }),
  }),
  reconcile: job({
    access: 'write',
    scope: 'fleet',
    summary: 'Read the tenants’ own ledgers and repair the registry’s copy of them',
    input: Fleet,
    output: ReconcileReport,
    invalidates: ['migrations.*', 'tenants.*'],
  }),
  run: job({
    access: 'write',
    scope: 'fleet',
    summary: 'Run pending migrations on the tenants that need them, canaries first, then in waves',
    input: RunInput,
    output: RunReport,
    confirm: 'production',
    invalidates: ['migrations.*', 'tenants.*', 'data.*'],
  }),
  pause: mutation({
    access: 'write',
    scope: 'fleet',
    summary: 'Hold the migration run of this console: tenants under way are finished, no other is begun',
    input: Fleet,
    output: z.object({ isPaused: z.boolean() }),
  }),
  resume: mutation({
    access: 'write',
    scope: 'fleet',
    summary: 'Let the migration run of this console go on after a pause or its canaries',
    input: Fleet,
    output: z.object({ isPaused: z.boolean() }),
  }),
})
