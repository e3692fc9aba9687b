import { z } from 'zod'

// Present in Node and in every page; declared here because this folder has neither their types nor the DOM's.
declare const crypto: { randomUUID(): string }

/** A random UUID (version 4). */
export const newId = (): string => crypto.randomUUID()

export const EnvironmentId = z.uuid().brand('EnvironmentId').describe('Id of the environment (UUID)')
export type EnvironmentId = z.infer<typeof EnvironmentId>

export const TenantId = z.uuid().brand('TenantId').describe('Id of the tenant (UUID)')
export type TenantId = z.infer<typeof TenantId>

export const JobId = z.uuid().brand('JobId').describe('Id of the job (UUID)')
export type JobId = z.infer<typeof JobId>
