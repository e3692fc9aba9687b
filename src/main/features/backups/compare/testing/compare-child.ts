import { openBackupStore } from '../../../../connections/backup/open.ts'
import { openWriteDb } from '../../../../connections/postgres/database.ts'
import { PostgresPool } from '../../../../connections/postgres/pool.ts'
import { openArchive } from '../../archive/reader.ts'
import { CompareService } from '../compare.service.ts'

/** A process of its own that compares an archive with live and stands still in the middle, for the test that kills it there. */
const {
  settings,
  password,
  schema,
  prefix,
  store: path,
  directory,
  stopAt,
} = JSON.parse(process.env.TENANTRY_CHILD ?? '{}')
const signal = new AbortController().signal
const pool = new PostgresPool(settings, password)
const left = await openArchive(openBackupStore({ kind: 'folder', path }, undefined), prefix, signal)
const service = new CompareService({ directory })
const db = openWriteDb({ pool: async () => pool, space: 'tenant', schema, signal })
const labels = { left: 'archive', right: 'live' }
await service.compare({ owner: 'child', left, right: { db, schema }, labels }, signal, ({ done, total }) => {
  if (done < total * stopAt) return
  process.send?.('standing still')
  const forever = new Int32Array(new SharedArrayBuffer(4))
  Atomics.wait(forever, 0, 0)
})
