import { z } from 'zod'
import { ROLES } from '../permissions.ts'
import { contract, query } from './define.ts'

export const HOSTS = ['desktop', 'web', 'cli'] as const
export type HostName = (typeof HOSTS)[number]

export const app = contract('app', {
  info: query({
    access: 'read',
    scope: 'app',
    summary: 'Show the version, the host and the person of this session',
    input: z.object({}),
    output: z.object({
      version: z.string(),
      host: z.enum(HOSTS),
      platform: z.string(),
      user: z.string().describe('Name of the person as the operating system knows it'),
      maximumRole: z.enum(ROLES).describe('The strongest role this session can have in any environment'),
      keychain: z
        .object({ available: z.boolean(), reason: z.string().nullable() })
        .describe('Whether secrets can be kept in the OS keychain, and why not'),
    }),
  }),
})
