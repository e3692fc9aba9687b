import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { operations } from '#shared/contract/index.ts'
import { operationsDocument } from './operations.ts'

it('docs/operations.md lists every operation as the contract declares it now', async () => {
  const present = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'operations.md'), 'utf8')
  expect(present).toBe(operationsDocument())
  for (const name of operations.keys()) expect(present).toContain(`\`${name}\``)
})
