import { randomUUID } from 'node:crypto'
import { readFile, stat, unlink, writeFile } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { AppError } from '#shared/errors.ts'

const PATIENCE_MS = 10_000
const RETRY_MS = 15
/** A holder works for milliseconds; a lock this old was left behind, even if its process id has been given to another process. */
const STALE_MS = 30_000

interface Holder {
  pid: number
  token: string
}

/**
 * Runs the work while this process alone, of all on this machine, holds the lock file. A lock left by a process that died is
 * taken over.
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  const token = randomUUID()
  const deadline = Date.now() + PATIENCE_MS
  while (!(await createExclusively(path, token))) {
    await removeIfStale(path)
    if (Date.now() > deadline) {
      throw new AppError('CONFLICT', 'Another Tenantry is writing its settings and does not finish.', {
        hint: 'Try again; if it stays so, end the other Tenantry.',
        retryable: true,
      })
    }
    await delay(RETRY_MS)
  }
  try {
    return await work()
  } finally {
    if ((await holderOf(path))?.token === token) await unlink(path).catch(() => undefined)
  }
}

async function createExclusively(path: string, token: string): Promise<boolean> {
  try {
    await writeFile(path, JSON.stringify({ pid: process.pid, token } satisfies Holder), { flag: 'wx', mode: 0o600 })
    return true
  } catch (error) {
    const code: unknown = Reflect.get(Object(error), 'code')
    // Windows answers EPERM while the file is being deleted.
    if (code === 'EEXIST' || (code === 'EPERM' && process.platform === 'win32')) return false
    throw error
  }
}

/** Only one process at a time judges and removes: otherwise the second would remove the lock of the first. */
async function removeIfStale(path: string): Promise<void> {
  if (!(await isStale(path))) return
  const judge = `${path}.stale`
  if (!(await createExclusively(judge, 'judge'))) {
    if (await isOlderThan(judge, STALE_MS)) await unlink(judge).catch(() => undefined)
    return
  }
  try {
    if (await isStale(path)) await unlink(path).catch(() => undefined)
  } finally {
    await unlink(judge).catch(() => undefined)
  }
}

async function isStale(path: string): Promise<boolean> {
  if (await isOlderThan(path, STALE_MS)) return true
  const holder = await holderOf(path)
  return holder !== undefined && !isAlive(holder.pid)
}

async function isOlderThan(path: string, milliseconds: number): Promise<boolean> {
  const found = await stat(path).catch(() => undefined)
  return found !== undefined && Date.now() - found.mtimeMs > milliseconds
}

/** undefined when it is gone or not written to its end yet. */
async function holderOf(path: string): Promise<Holder | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8')) as Holder
  } catch {
    return undefined
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return Reflect.get(Object(error), 'code') !== 'ESRCH'
  }
}
