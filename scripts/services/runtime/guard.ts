import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { stopFromStateFile } from './stop.ts'

export interface Guard {
  /** The services shall live on when this process ends. */
  dismiss(): void
}

const DISMISSED = 'dismissed'

/**
 * Starts a small process that ends the services of a state file when this process ends without having done so, in
 * whatever way it ends: its input is a pipe from here, which the kernel closes.
 */
export function startGuard(statePath: string): Guard {
  const guard = spawn(process.execPath, [fileURLToPath(import.meta.url), statePath], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  guard.unref()
  // The guard may have ended already when it is dismissed.
  guard.stdin.on('error', () => undefined)
  if ('unref' in guard.stdin && typeof guard.stdin.unref === 'function') guard.stdin.unref()
  return { dismiss: () => guard.stdin.end(DISMISSED) }
}

async function watch(statePath: string): Promise<void> {
  let message = ''
  for await (const chunk of process.stdin) message += String(chunk)
  if (message !== DISMISSED) await stopFromStateFile(statePath)
}

const [, script, statePath] = process.argv
if (script === fileURLToPath(import.meta.url) && statePath !== undefined) await watch(statePath)
