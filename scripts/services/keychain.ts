import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, readFile, rm } from 'node:fs/promises'
import { constants, tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { execute, SYSTEM_PATH } from './runtime/execute.ts'
import { waitFor } from './runtime/wait.ts'

/**
 * Runs a command beside a real Secret Service: a session bus of its own with an unlocked, empty gnome-keyring, whose
 * files lie in temporary folders. Needs the packages of SYSTEM_PACKAGES.keychain.
 * As a program: node scripts/services/keychain.ts COMMAND [ARGUMENT…]
 */
const XDG_FOLDERS = ['DATA_HOME', 'RUNTIME_DIR', 'CACHE_HOME', 'CONFIG_HOME'] as const
const PASSWORD = 'keyring of a test'
const READY_MS = 20_000
const FORWARDED: readonly NodeJS.Signals[] = ['SIGINT', 'SIGTERM', 'SIGHUP']

interface Session {
  directory: string
  env: NodeJS.ProcessEnv
}

/**
 * Returns the command's exit code, 128 + n when signal n ended it.
 * @throws Error when the session bus or the keyring cannot be started
 */
export async function runWithKeychain(argv: readonly string[]): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'tenantry-keychain-'))
  const helpers: ChildProcess[] = []
  try {
    const session = { directory, env: { ...process.env, PATH: SYSTEM_PATH, ...(await makeFolders(directory)) } }
    await startBus(session, helpers)
    await startKeyring(session, helpers)
    return await runCommand(argv, session.env)
  } finally {
    for (const helper of helpers.toReversed()) await end(helper)
    await rm(directory, { recursive: true, force: true })
  }
}

async function makeFolders(directory: string): Promise<Record<string, string>> {
  const folders = XDG_FOLDERS.map(name => [`XDG_${name}`, join(directory, name.toLowerCase())] as const)
  for (const [, path] of folders) await mkdir(path, { mode: 0o700 })
  return Object.fromEntries(folders)
}

async function startBus(session: Session, helpers: ChildProcess[]): Promise<void> {
  const address = `unix:path=${join(session.directory, 'bus')}`
  const bus = await startHelper(session, [
    'dbus-daemon',
    '--session',
    '--nofork',
    '--nopidfile',
    `--address=${address}`,
  ])
  helpers.push(bus)
  session.env.DBUS_SESSION_BUS_ADDRESS = address
  await ready(session, bus, () => ask(session, 'org.freedesktop.DBus', '/', 'org.freedesktop.DBus.GetId'))
}

async function startKeyring(session: Session, helpers: ChildProcess[]): Promise<void> {
  const keyring = await startHelper(session, [
    'gnome-keyring-daemon',
    '--foreground',
    '--unlock',
    '--components=secrets',
  ])
  helpers.push(keyring)
  keyring.stdin?.end(PASSWORD)
  await ready(session, keyring, () => hasDefaultKeyring(session))
}

/** Whether the Secret Service is on the bus and has unlocked its default keyring; an alias without one is "/". */
async function hasDefaultKeyring(session: Session): Promise<boolean> {
  const name = 'org.freedesktop.secrets'
  // Asking the service itself before it is there would make the bus start a second one.
  const bus = ['org.freedesktop.DBus', '/', 'org.freedesktop.DBus.NameHasOwner', `string:${name}`]
  if (!(await ask(session, ...bus)).endsWith('true')) return false
  const service = [name, '/org/freedesktop/secrets', 'org.freedesktop.Secret.Service.ReadAlias', 'string:default']
  return (await ask(session, ...service)).startsWith('/org/')
}

/** Calls a method on the bus: destination, path, method, arguments. */
async function ask(session: Session, ...[destination, ...call]: string[]): Promise<string> {
  const argv = ['dbus-send', '--session', '--print-reply=literal', `--dest=${destination}`, ...call] as const
  return (await execute([...argv], { env: session.env })).trim()
}

/** Helpers end with this process, even when it is killed (prctl PR_SET_PDEATHSIG). */
async function startHelper(session: Session, argv: readonly string[]): Promise<ChildProcess> {
  const log = await open(logPath(session, argv[0] ?? ''), 'a')
  const helper = spawn('setpriv', ['--pdeathsig', 'KILL', ...argv], {
    stdio: ['pipe', log.fd, log.fd],
    env: session.env,
  })
  await once(helper, 'spawn')
  await log.close()
  return helper
}

function logPath(session: Session, name: string): string {
  return join(session.directory, `${name}.log`)
}

async function ready(session: Session, helper: ChildProcess, probe: () => Promise<string | boolean>): Promise<void> {
  const name = helper.spawnargs[3] ?? ''
  try {
    const giveUp = (): void => {
      if (helper.exitCode !== null) throw new Error(`${name} ended with code ${helper.exitCode}`)
    }
    await waitFor(probe, { what: name, timeoutMs: READY_MS, giveUp })
  } catch (error) {
    const log = await readFile(logPath(session, name), 'utf8')
    throw new Error(`${(error as Error).message}\n${log.trim()}`, { cause: error })
  }
}

async function end(helper: ChildProcess): Promise<void> {
  if (helper.exitCode !== null || helper.signalCode !== null) return
  const ended = once(helper, 'exit')
  helper.kill('SIGKILL')
  await ended
}

async function runCommand(argv: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const [command = '', ...rest] = argv
  const child = spawn(command, rest, { stdio: 'inherit', env })
  const exit = once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>
  // The command decides what a signal means; we end after it has ended.
  const forward = (signal: NodeJS.Signals): void => void child.kill(signal)
  for (const signal of FORWARDED) process.on(signal, forward)
  try {
    const [code, signal] = await exit
    return code ?? 128 + (signal === null ? 0 : constants.signals[signal])
  } finally {
    for (const signal of FORWARDED) process.off(signal, forward)
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    process.exitCode = await runWithKeychain(process.argv.slice(2))
  } catch (error) {
    console.error((error as Error).message)
    process.exitCode = 1
  }
}
