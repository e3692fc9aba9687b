import { z } from 'zod'
import { contract, mutation, query } from './define.ts'
import { TenantRef } from './tenant.model.ts'

export const FeatureName = z
  .string()
  .regex(/^[a-z][a-z0-9_.-]{0,62}$/, 'Lower-case letters, digits, dots, hyphens and underscores; starts with a letter')
  .describe('Name of the feature')

export const TenantFeature = z.object({
  feature: z.string(),
  enabled: z.boolean(),
  config: z.record(z.string(), z.json()),
  updatedAt: z.iso.datetime(),
})
export type TenantFeature = z.infer<typeof TenantFeature>

export const features = contract('features', {
  list: query({
    access: 'read',
    scope: 'tenant',
    summary: 'List the feature flags of a tenant',
    input: TenantRef,
    output: z.array(TenantFeature),
  }),
  get: query({
    access: 'read',
    scope: 'tenant',
    summary: 'Show one feature flag of a tenant',
    input: TenantRef.extend({ feature: FeatureName }),
    output: TenantFeature,
  }),
  set: mutation({
    access: 'write',
    scope: 'tenant',
    summary: 'Switch a feature of a tenant on or off, with its configuration',
    input: TenantRef.extend({
      feature: FeatureName,
      enabled: z.boolean().describe('On or off'),
      config: z.record(z.string(), z.json()).optional().describe('Replaces the configuration; kept when absent'),
    }),
    output: TenantFeature,
    invalidates: ['features.*', 'tenants.history'],
  }),
})
