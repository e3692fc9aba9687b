import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openWriteDb, type WriteDb } from '../../../connections/postgres/database.ts'
import { PostgresPool } from '../../../connections/postgres/pool.ts'
import type { TestDatabase } from '../../../testing/test-database.ts'
import { RUN_DEFAULTS, type RunOptions, type RunReport, type TenantOutcome } from '../fleet-run.model.ts'
import { runFleet } from '../fleet-run.ts'
import { type FleetMigration, loadFleetMigrations } from '../migration-files.ts'
import { RunControl } from '../run-control.ts'

export const BUILT_IN = resolve(import.meta.dirname, '..', '..', '..', '..', '..', 'migrations', 'tenant')

/** Tenantry's own migrations and, from number 1000, the given texts as an environment's own. */
export async function withOwn(...texts: string[]): Promise<FleetMigration[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tenantry-fleet-'))
  try {
    for (const [index, text] of texts.entries()) await writeFile(join(folder, `${1000 + index}_own.up.sql`), text)
    return await loadFleetMigrations(BUILT_IN, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

export interface FleetUnderTest extends AsyncDisposable {
  db: (signal?: AbortSignal) => WriteDb
  run: (set: readonly FleetMigration[], options?: Partial<RunOptions>, more?: RunExtras) => Promise<RunReport>
}

export interface RunExtras {
  signal?: AbortSignal
  control?: RunControl
  onOutcome?: (outcome: TenantOutcome) => void
}

/** Runs the engine on a test's database with connections of its own. */
export function fleetOn({ settings, password }: Pick<TestDatabase, 'settings' | 'password'>): FleetUnderTest {
  const pool = new PostgresPool(settings, password)
  const db = (signal = new AbortController().signal) =>
    openWriteDb({ pool: async () => pool, space: 'registry', schema: settings.registrySchema, signal })
  return {
    db,
    run: async (set, options = {}, more = {}) => {
      const signal = more.signal ?? new AbortController().signal
      return await runFleet(db(signal), {
        schema: settings.registrySchema,
        set,
        options: { ...RUN_DEFAULTS, ...options },
        who: 'asha',
        signal,
        control: more.control ?? new RunControl(),
        onOutcome: more.onOutcome ?? (() => undefined),
      })
    },
    [Symbol.asyncDispose]: () => pool.close(),
  }
}
