import { execFile } from 'node:child_process'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { EnvironmentId, newId } from '#shared/ids.ts'
import { type SecretStore, SessionSecrets } from './keychain.ts'
import { SecretVault } from './secret-vault.ts'

const PROJECT = resolve(import.meta.dirname, '..', '..', '..')

/** What a process without any session bus or display finds. */
async function withoutSecretService(script: string): Promise<unknown> {
  const env = { PATH: process.env.PATH, HOME: '/nonexistent', DBUS_SESSION_BUS_ADDRESS: 'unix:path=/nonexistent/bus' }
  const source = `
    import { OsKeychain } from './src/main/connections/keychain.ts'
    const keychain = new OsKeychain()
    console.log(JSON.stringify(await (${script})(keychain)))`
  const argv = ['--input-type=module-typescript', '--no-warnings', '--eval', source]
  const { stdout } = await promisify(execFile)(process.execPath, argv, { cwd: PROJECT, env })
  return JSON.parse(stdout)
}

describe.runIf(process.platform === 'linux')('without a Secret Service', () => {
  test('the keychain says why it is not available', async () => {
    expect(await withoutSecretService('keychain => keychain.availability()')).toEqual({
      available: false,
      reason: expect.stringMatching(/keychain/),
    })
  })
  test.each([
    ['saving', "keychain => keychain.set('a/postgres', 'secret')"],
    ['reading', "keychain => keychain.get('a/postgres')"],
    ['deleting', "keychain => keychain.delete('a/postgres')"],
  ])('%s is refused with the offer to keep secrets for the session', async (_what, call) => {
    expect(await withoutSecretService(`keychain => (${call})(keychain).catch(error => error.toData())`)).toMatchObject({
      code: 'UNSUPPORTED',
      hint: expect.stringContaining('session'),
      details: { reason: 'keychain' },
    })
  })
})

describe('the vault', () => {
  const broken = (): SecretStore => {
    const fail = () => Promise.reject(new Error('no keychain here'))
    return { availability: async () => ({ available: false, reason: 'none' }), get: fail, set: fail, delete: fail }
  }
  const environmentId = EnvironmentId.parse(newId())
  const ref = { environmentId, store: 'redis' as const }
  const environment = (redis: 'none' | 'session' | 'keychain' | 'missing') => ({
    id: environmentId,
    name: 'HR',
    secrets: { postgres: 'none', mongo: 'none', redis, backup: 'none' } as const,
  })

  test('keeps session secrets where there is no keychain, apart by environment and store', async () => {
    const vault = new SecretVault({ keychain: broken(), session: new SessionSecrets() })
    await vault.save(ref, 'fleeting', 'session')
    await vault.save({ ...ref, store: 'mongo' }, 'other store', 'session')
    await vault.save({ environmentId: newId(), store: 'redis' }, 'other environment', 'session')
    expect(await vault.read(environment('session'), 'redis')).toBe('fleeting')
  })
  test('asks for nothing where none is needed', async () => {
    const vault = new SecretVault({ keychain: broken(), session: new SessionSecrets() })
    expect(await vault.read(environment('none'), 'redis')).toBeUndefined()
  })
  test('misses a session secret in the next session', async () => {
    const vault = new SecretVault({ keychain: broken(), session: new SessionSecrets() })
    expect(await vault.isPresent(ref, 'session', 100)).toBe(false)
    await expect(vault.read(environment('session'), 'redis')).rejects.toMatchObject({ details: { reason: 'secret' } })
  })
  test('a keychain that does not answer holds nobody', async () => {
    const silent = { ...broken(), get: () => new Promise<never>(() => undefined) }
    const vault = new SecretVault({ keychain: silent, session: new SessionSecrets() })
    expect(await vault.isPresent(ref, 'keychain', 20)).toBe(true)
  })
  test('says when the keychain could not be made to forget', async () => {
    const vault = new SecretVault({ keychain: broken(), session: new SessionSecrets() })
    expect(await vault.remove(ref, 'keychain')).toBe(false)
    expect(await vault.remove(ref, 'session')).toBe(true)
  })
})
