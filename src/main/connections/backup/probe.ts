import { randomBytes, randomUUID } from 'node:crypto'
import { AppError } from '#shared/errors.ts'
import type { BackupStore } from './backup-store.ts'

const PROBE_BYTES = 1_024
const PROBE_PREFIX = 'tenantry-probe/'
/** Milliseconds to take the probe object away after a failure or a cancel. */
const CLEAN_UP_MS = 5_000

/** Milliseconds of each step. */
export interface ProbeTimes {
  write: number
  read: number
  delete: number
}

/** Writes an object of random bytes, reads it back, compares and deletes it; leaves nothing behind where the store allows. */
export async function probeBackupStore(store: BackupStore, signal: AbortSignal): Promise<ProbeTimes> {
  const key = `${PROBE_PREFIX}${randomUUID()}`
  const sent = randomBytes(PROBE_BYTES)
  try {
    const write = await timed(() => store.put(key, sent, signal))
    const read = await timed(() => compare(store, key, sent, signal))
    const remove = await timed(() => store.delete([key], signal))
    return { write, read, delete: remove }
  } catch (error) {
    await store.delete([key], AbortSignal.timeout(CLEAN_UP_MS)).catch(() => undefined)
    throw error
  }
}

// biome-ignore lint/complexity/useMaxParams: one private step of the probe above
async function compare(store: BackupStore, key: string, sent: Buffer, signal: AbortSignal): Promise<void> {
  const parts: Uint8Array[] = []
  for await (const part of await store.get(key, signal)) parts.push(part as Uint8Array)
  if (Buffer.concat(parts).equals(sent)) return
  throw new AppError('CONNECTION_FAILED', 'The backup store gave back other bytes than it was given.', {
    hint: 'Do not keep backups here before the server is repaired.',
  })
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return round(performance.now() - started)
}

const round = (milliseconds: number): number => Math.round(milliseconds * 10) / 10
