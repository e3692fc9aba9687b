import { z } from 'zod'
import { EnvironmentId } from '../ids.ts'
import { contract, query } from './define.ts'
import { STORES } from './environment.model.ts'
import { ErrorShape } from './error.model.ts'

export const StoreHealth = z.object({
  store: z.enum(STORES),
  state: z.enum(['ok', 'warning', 'failed', 'absent']).describe('absent: the environment has no such store'),
  latencyMs: z.number().nullable(),
  figures: z
    .array(z.object({ name: z.string(), value: z.string(), unit: z.string().nullable(), share: z.number().nullable() }))
    .describe('Figures worth showing; share is the part of the maximum in use, 0 to 1'),
  error: ErrorShape.nullable(),
})
export type StoreHealth = z.infer<typeof StoreHealth>

export const health = contract('health', {
  check: query({
    access: 'read',
    scope: 'fleet',
    summary: 'Check every store of an environment',
    input: z.object({ environmentId: EnvironmentId }),
    output: z.object({ checkedAt: z.iso.datetime(), stores: z.array(StoreHealth) }),
  }),
})
