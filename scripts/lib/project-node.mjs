import { spawn } from 'node:child_process'
import { realpathSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, dirname } from 'node:path'
import { pathToFileURL } from 'node:url'
import { nodePath } from './install.mjs'

const SIGNALS = /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])

/**
 * Runs a TypeScript file of the project on the project's own Node: in this process where this is that Node already (npm puts
 * it first in the path), in a child otherwise. The child's exit code becomes this process's.
 * @param {string} script Absolute path.
 * @param {readonly string[]} args
 * @returns {Promise<void>}
 */
export async function runOnProjectNode(script, args) {
  if (realpathSync(process.execPath) === realpathSync(nodePath)) {
    process.argv = [process.execPath, script, ...args]
    await import(pathToFileURL(script).href)
    return
  }
  const child = spawn(nodePath, [script, ...args], {
    // The channel carries nothing: its end tells the child that this process is gone.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, PATH: `${dirname(nodePath)}${delimiter}${process.env.PATH ?? ''}` },
  })
  // In a terminal Ctrl-C reaches the child as well; it takes both for one.
  for (const signal of SIGNALS) process.on(signal, () => child.kill(signal))
  process.exitCode = await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve(code ?? 128 + (signal === null ? 1 : constants.signals[signal])))
  })
  for (const signal of SIGNALS) process.removeAllListeners(signal)
}
