import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Runs a command beside a real Secret Service: a session bus of its own with an unlocked, empty gnome-keyring, whose
 * files lie in temporary folders. Needs the packages of SYSTEM_PACKAGES.keychain.
 * As a program: node scripts/services/keychain.ts COMMAND [ARGUMENT…]
 */
const XDG_FOLDERS = ['DATA_HOME', 'RUNTIME_DIR', 'CACHE_HOME', 'CONFIG_HOME'] as const
const PASSWORD = 'keyring of a test'
/** Marks the inner call, within the session bus. */
const WITHIN = '--within-session-bus'

/**
 * Returns the command's exit code, 128 + n when signal n ended it.
 * @throws Error when the session bus or the keyring cannot be started
 */
export async function runWithKeychain(argv: readonly string[]): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'tenantry-keychain-'))
  try {
    const env = { ...process.env, ...(await makeFolders(directory)) }
    const script = fileURLToPath(import.meta.url)
    return await run(['dbus-run-session', '--', process.execPath, script, WITHIN, ...argv], env)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function makeFolders(directory: string): Promise<Record<string, string>> {
  const folders = XDG_FOLDERS.map(name => [`XDG_${name}`, join(directory, name.toLowerCase())] as const)
  for (const [, path] of folders) await mkdir(path, { mode: 0o700 })
  return Object.fromEntries(folders)
}

/** Within the session bus: unlocks a keyring, runs the command, ends the keyring. */
async function runWithin(argv: readonly string[]): Promise<number> {
  const keyring = spawn('gnome-keyring-daemon', ['--foreground', '--unlock', '--components=secrets'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const failure = once(keyring, 'error').then(([error]) => {
    throw new Error(`Cannot start gnome-keyring-daemon: ${(error as Error).message}`)
  })
  keyring.stdin.end(PASSWORD)
  // It tells its control socket once the keyring is unlocked and the Secret Service is on the bus.
  const end = once(keyring, 'exit').then(([code]) => {
    throw new Error(`gnome-keyring-daemon ended with code ${code} instead of unlocking a keyring`)
  })
  await Promise.race([once(keyring.stdout, 'data'), failure, end])
  try {
    return await run(argv, process.env)
  } finally {
    const ended = once(keyring, 'exit')
    keyring.kill()
    await ended
  }
}

async function run(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [command = '', ...rest] = argv
  const child = spawn(command, rest, { stdio: 'inherit', env })
  const failure = once(child, 'error').then(([error]) => {
    throw new Error(`Cannot run ${command}: ${(error as Error).message}`)
  })
  const [code, signal] = (await Promise.race([once(child, 'exit'), failure])) as [number | null, NodeJS.Signals | null]
  return code ?? 128 + (signal === null ? 0 : constants.signals[signal])
}

const [, script, ...argv] = process.argv
if (script === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = argv[0] === WITHIN ? await runWithin(argv.slice(1)) : await runWithKeychain(argv)
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}
