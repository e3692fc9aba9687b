import { expect, test } from 'vitest'
import { VariableSecrets } from './variable-secrets.ts'

const account = '8b0f7a34-7f4e-4f0a-9f3a-0c3c2a1d9e55/postgres'

test('a variable stands in for a secret that only lived in an earlier process', async () => {
  const secrets = new VariableSecrets({ TENANTRY_SECRET_POSTGRES: 'from outside' })
  expect(await secrets.get(account)).toBe('from outside')
  expect(await secrets.get(account.replace('postgres', 'redis'))).toBeUndefined()
})

test('a secret given to this very command wins', async () => {
  const secrets = new VariableSecrets({ TENANTRY_SECRET_POSTGRES: 'from outside' })
  await secrets.set(account, 'given')
  expect(await secrets.get(account)).toBe('given')
})
