import { FolderStore } from '../../../connections/backup/folder-store.ts'
import { openWriteDb } from '../../../connections/postgres/database.ts'
import { PostgresPool } from '../../../connections/postgres/pool.ts'
import { PrepareService } from './prepare.service.ts'
import { watchedJob } from './testing.ts'

/** A console of its own that stops in the middle of preparing a restore, at the step or progress it is told: for the test that kills it. */
const { settings, password, folder, prefix, tenant, migrations, at } = JSON.parse(process.env.TENANTRY_CHILD ?? '{}')
const pool = new PostgresPool(settings, password)
const { signal } = new AbortController()

function stopHere(place: string): void {
  if (place !== at) return
  process.stdout.write('stopped\n')
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
}

const db = openWriteDb({ pool: async () => pool, space: 'registry', schema: 'public', signal })
await new PrepareService({ migrations }).prepare(
  { db, job: watchedJob(stopHere, () => stopHere('progress')), who: 'ravi', signal },
  tenant,
  { archive: { store: new FolderStore({ path: folder }), prefix }, schemaChoice: 'migrate' },
)
