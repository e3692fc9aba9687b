import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { execute } from '../runtime/execute.ts'
import { cacheDirectory } from './cache.ts'
import { withLock } from './lock.ts'

/** Debian packages by what needs them. */
export const SYSTEM_PACKAGES = {
  browser: ['chromium', 'fonts-liberation'],
  keychain: ['gnome-keyring', 'libsecret-1-0', 'dbus'],
  certificates: ['openssl'],
} as const

/** No questions, and no daemons: at run level 1 Debian's install scripts start none. */
const QUIET = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }

let isListFresh = false

/**
 * Installs Debian packages that are missing, without what they only recommend. Returns the names that were missing.
 * @throws Error naming what is missing where this machine is not Debian or we are not root
 */
export async function installSystemPackages(names: readonly string[]): Promise<string[]> {
  const missing = await findMissing(names)
  if (missing.length === 0) return []
  if (!isDebian() || process.getuid?.() !== 0) {
    throw new Error(`Missing system packages: ${missing.join(', ')}. Install them, or run this as root on Debian.`)
  }
  return withLock(join(cacheDirectory(), 'apt.lock'), async () => {
    // Another run may have installed them while this one waited.
    const still = await findMissing(missing)
    if (still.length > 0) await install(still)
    return still
  })
}

async function install(names: readonly string[]): Promise<void> {
  const env = { ...process.env, ...QUIET }
  const apt = ['apt-get', '-qq', '-oDPkg::Lock::Timeout=300', '-oAcquire::Retries=3'] as const
  if (!isListFresh) await execute([...apt, 'update'], { env })
  isListFresh = true
  await execute([...apt, '-y', '--no-install-recommends', 'install', ...names], { env, timeoutMs: 15 * 60_000 })
}

async function findMissing(names: readonly string[]): Promise<string[]> {
  if (!isDebian()) return [...names]
  const installed = await Promise.all(names.map(isInstalled))
  return names.filter((_, index) => !installed[index])
}

async function isInstalled(name: string): Promise<boolean> {
  try {
    return (await execute(['dpkg', '--status', name])).includes('\nStatus: install ok installed\n')
  } catch {
    // dpkg ends with 1 for packages it has never heard of.
    return false
  }
}

function isDebian(): boolean {
  return existsSync('/etc/debian_version')
}
