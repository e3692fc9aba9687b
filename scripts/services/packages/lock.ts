import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'

/**
 * Runs the work while holding an exclusive lock on a file. The lock belongs to a `flock` process that reads from us:
 * when this process dies in whatever way, its input ends and the kernel releases the lock.
 */
export async function withLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await mkdir(dirname(path), { recursive: true })
  const holder = spawn('flock', ['--exclusive', path, 'sh', '-c', 'echo held; exec cat'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  holder.stdin.on('error', () => undefined)
  // From the start: Ctrl-C in a terminal ends the holder as well, long before the work notices.
  const ended = once(holder, 'exit')
  await Promise.race([
    once(holder.stdout, 'data'),
    ended.then(([code]) => {
      throw new Error(`flock ended with code ${code} before it held ${path}`)
    }),
  ])
  try {
    return await work()
  } finally {
    holder.stdin.end()
    await ended
  }
}
