import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Writable } from 'node:stream'
import { expect, test } from 'vitest'
import { type HandedSecret, secretsLine } from './handed-secrets.ts'

const ID = '0198c0de-0000-7000-8000-000000000001'
const PROGRAM = `
import { hostVault } from ${JSON.stringify(new URL('./handed-secrets.ts', import.meta.url).href)}
const vault = await hostVault()
const ask = async store => {
  const secrets = { postgres: 'session', mongo: 'session', redis: 'session', backup: 'session' }
  return vault.read({ id: '${ID}', name: 'Demo', secrets }, store).catch(error => error.message)
}
console.log(await ask('redis'), process.env.TENANTRY_SECRETS_FD, JSON.stringify(process.argv.slice(2)))
for (;;) {
  const answer = await ask('mongo')
  if (answer === 'late') break
  await new Promise(resolve => setImmediate(resolve))
}
console.log('late one came')
`

const handed = (store: HandedSecret['store'], secret: string): HandedSecret => ({ environmentId: ID, store, secret })

function start(): { child: ReturnType<typeof spawn>; pipe: Writable; output: () => string } {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
    stdio: ['ignore', 'pipe', 'inherit', 'pipe'],
    env: { ...process.env, TENANTRY_SECRETS_FD: '3' },
  })
  let text = ''
  child.stdout?.on('data', chunk => {
    text += chunk
  })
  return { child, pipe: child.stdio[3] as Writable, output: () => text }
}

test('secrets come over the inherited pipe, later ones too, and the variable is gone; the open pipe keeps nobody alive', async () => {
  const { child, pipe, output } = start()
  pipe.write(secretsLine([handed('redis', 'first')]))
  await once(child.stdout ?? child, 'data')
  pipe.write(secretsLine([handed('mongo', 'late')]))
  const [code] = await once(child, 'close')
  expect(code).toBe(0)
  expect(output()).toBe('first undefined []\nlate one came\n')
})

test('a parent that hands nothing over does not block the host', async () => {
  const { child, pipe, output } = start()
  pipe.end()
  await once(child.stdout ?? child, 'data')
  child.kill('SIGKILL')
  expect(output()).toContain('The secret of Redis is missing.')
})
