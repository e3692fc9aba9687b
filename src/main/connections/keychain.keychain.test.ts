import { randomUUID } from 'node:crypto'
import { afterAll, describe, expect, test } from 'vitest'
import { EnvironmentId, newId } from '#shared/ids.ts'
import { OsKeychain, SessionSecrets } from './keychain.ts'
import { SecretVault } from './secret-vault.ts'

const nowhere = { postgres: 'none', mongo: 'none', redis: 'none', backup: 'none' } as const

describe('the keychain of the operating system', () => {
  const keychain = new OsKeychain()
  const account = `${randomUUID()}/postgres`
  afterAll(() => keychain.delete(account))

  test('is available', async () => {
    expect(await keychain.availability()).toEqual({ available: true, reason: null })
  })
  test.each(['simple', 'ünï ¢ödé \u{1f511}', ' spaces ', '"quotes\'', 'line\nbreak', 'x'.repeat(4_096)])(
    'gives back %j',
    async secret => {
      await keychain.set(account, secret)
      expect(await keychain.get(account)).toBe(secret)
    },
  )
  test('another object sees the same secrets', async () => {
    await keychain.set(account, 'shared')
    expect(await new OsKeychain().get(account)).toBe('shared')
  })
  test('knows nothing of an account without secret, and deletes it without complaint', async () => {
    const unknown = `${randomUUID()}/redis`
    expect(await keychain.get(unknown)).toBeUndefined()
    await expect(keychain.delete(unknown)).resolves.toBeUndefined()
  })
  test('no longer gives what was deleted', async () => {
    await keychain.set(account, 'short-lived')
    await keychain.delete(account)
    expect(await keychain.get(account)).toBeUndefined()
  })
})

describe('the vault over a real keychain', () => {
  const keychain = new OsKeychain()
  const vault = new SecretVault({ keychain, session: new SessionSecrets() })
  const environment = {
    id: EnvironmentId.parse(newId()),
    name: 'HR',
    secrets: { ...nowhere, postgres: 'keychain' as const },
  }
  const ref = { environmentId: environment.id, store: 'postgres' as const }
  const account = `${environment.id}/postgres`

  test('survives the process that saved it', async () => {
    await vault.save(ref, 'kept', 'keychain')
    const next = new SecretVault({ keychain: new OsKeychain(), session: new SessionSecrets() })
    expect(await next.read(environment, 'postgres')).toBe('kept')
    expect(await next.isPresent(ref, 'keychain', 1_000)).toBe(true)
  })
  test('a secret saved for the session leaves the keychain', async () => {
    await vault.save(ref, 'kept', 'keychain')
    await vault.save(ref, 'fleeting', 'session')
    expect(await keychain.get(account)).toBeUndefined()
    expect(await vault.read(environment, 'postgres')).toBe('fleeting')
  })
  test('a secret that someone took out of the keychain is missed with a hint', async () => {
    await vault.save(ref, 'kept', 'keychain')
    await keychain.delete(account)
    await expect(vault.read(environment, 'postgres')).rejects.toMatchObject({
      code: 'CONNECTION_FAILED',
      details: { reason: 'secret', store: 'postgres' },
      hint: expect.stringContaining('HR'),
    })
    expect(await vault.isPresent(ref, 'keychain', 1_000)).toBe(false)
  })
  test('forgets', async () => {
    await vault.save(ref, 'kept', 'keychain')
    expect(await vault.remove(ref, 'keychain')).toBe(true)
    expect(await keychain.get(account)).toBeUndefined()
  })
})
