import { z } from 'zod'
import { EnvironmentId } from '../ids.ts'
import { Confirmation, contract, mutation, query } from './define.ts'
import { Environment, EnvironmentSecrets, EnvironmentSettings, STORES } from './environment.model.ts'
import { ErrorShape } from './error.model.ts'

const SecretStorage = z
  .enum(['keychain', 'session'])
  .describe('keychain: the OS keychain. session: kept in memory until the console ends')

const SETTINGS = 'Name, class, role and stores'

const EnvironmentRef = z.object({ environmentId: EnvironmentId })

export const StoreTest = z.object({
  store: z.enum(STORES),
  ok: z.boolean(),
  serverVersion: z.string().nullable().describe('As the server reports it'),
  latencyMs: z.number().nullable().describe('One round trip, in milliseconds'),
  detail: z.string().nullable().describe('What else is worth knowing, in one sentence'),
  error: ErrorShape.nullable(),
})
export type StoreTest = z.infer<typeof StoreTest>

const ImportSource = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('process') }),
    z.object({ kind: z.literal('text'), text: z.string().max(100_000).meta({ secret: true }) }),
  ])
  .describe('The variables of this process, or the text of an env file')

export const ImportPreview = z.object({
  stores: EnvironmentSettings.shape.stores,
  secretsFound: z.array(z.enum(STORES)).describe('Stores whose secret was found; the values stay in the main process'),
  used: z.array(z.string()).describe('Names of the variables that were used'),
  problems: z.array(z.string()).describe('Variables that could not be understood, with the reason'),
})
export type ImportPreview = z.infer<typeof ImportPreview>

export const environments = contract('environments', {
  list: query({
    access: 'read',
    scope: 'app',
    summary: 'List environments',
    input: z.object({}),
    output: z.array(Environment),
  }),
  get: query({
    access: 'read',
    scope: 'app',
    summary: 'Show the settings of an environment',
    input: EnvironmentRef,
    output: Environment,
  }),
  create: mutation({
    access: 'admin',
    scope: 'app',
    summary: 'Create an environment',
    input: z.object({
      settings: EnvironmentSettings.describe(SETTINGS),
      secrets: EnvironmentSecrets,
      secretStorage: SecretStorage,
    }),
    output: Environment,
    invalidates: ['environments.*'],
  }),
  update: mutation({
    access: 'admin',
    scope: 'app',
    summary: 'Change the settings of an environment',
    input: EnvironmentRef.extend({
      settings: EnvironmentSettings.describe(SETTINGS),
      secrets: EnvironmentSecrets,
      secretStorage: SecretStorage,
    }),
    output: Environment,
    invalidates: ['*'],
  }),
  delete: mutation({
    access: 'admin',
    scope: 'app',
    summary: 'Forget an environment and its secrets; its stores stay as they are',
    input: EnvironmentRef.extend({ confirmation: Confirmation.optional() }),
    output: z.object({}),
    confirm: 'production',
    invalidates: ['*'],
  }),
  test: mutation({
    access: 'write',
    role: 'support',
    scope: 'app',
    summary: 'Test the connection to each store of an environment',
    input: z.object({
      environmentId: EnvironmentId.optional().describe('Take the saved settings and secrets of this environment'),
      settings: EnvironmentSettings.optional().describe('Settings not saved yet; win over the saved ones'),
      secrets: EnvironmentSecrets.optional().describe('Secrets not saved yet; win over the saved ones'),
      stores: z.array(z.enum(STORES)).optional().describe('Only these stores; all that are set when absent'),
    }),
    output: z.array(StoreTest),
  }),
  previewImport: mutation({
    access: 'write',
    role: 'support',
    scope: 'app',
    summary: 'Show what an import from environment variables would set',
    input: z.object({ source: ImportSource }),
    output: ImportPreview,
  }),
  import: mutation({
    access: 'admin',
    scope: 'app',
    summary: 'Create an environment from environment variables or an env file',
    input: z.object({
      name: EnvironmentSettings.shape.name,
      class: EnvironmentSettings.shape.class,
      role: EnvironmentSettings.shape.role,
      source: ImportSource,
      secretStorage: SecretStorage,
    }),
    output: Environment,
    invalidates: ['environments.*'],
  }),
})
