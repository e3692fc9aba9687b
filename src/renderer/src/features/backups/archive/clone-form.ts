import type { InputOf } from '#shared/contract/index.ts'
import { contracts } from '#shared/contract/index.ts'
import { type FieldMessages, validate } from '../../../lib/form-errors.ts'

export interface CloneValues {
  environmentId: string
  name: string
  slug: string
  adminEmail: string
  schemaChoice: 'migrate' | 'as-archived'
  mask: boolean
  typed: string
  reason: string
}

export interface CloneSource {
  environmentId: string
  archive: string
}

export interface CloneTarget {
  name: string
  isProduction: boolean
}

const Schema = contracts.backups.clone.input
const LEAST_REASON = 3

/** What the contract takes: what was left empty is absent, and the source is named only where it is another environment. */
export function toCloneInput(values: CloneValues, source: CloneSource, target: CloneTarget): InputOf<'backups.clone'> {
  const { environmentId, name, slug, adminEmail, schemaChoice, mask, typed, reason } = values
  return {
    environmentId,
    archive: source.archive,
    name,
    slug,
    schemaChoice,
    mask,
    ...(source.environmentId === environmentId ? {} : { sourceEnvironmentId: source.environmentId }),
    ...(adminEmail.trim() === '' ? {} : { adminEmail: adminEmail.trim() }),
    ...(target.isProduction ? { confirmation: { typed, reason: reason.trim() } } : {}),
  }
}

/** A masked copy has no address that the archive’s administrator could be reached at. */
const EMAIL_FOR_MASKED = 'A masked copy needs an address of its own'

export function validateClone(values: CloneValues, source: CloneSource, target: CloneTarget): FieldMessages {
  const production: FieldMessages = target.isProduction
    ? {
        ...(values.typed === target.name ? {} : { typed: `Type ${target.name}` }),
        ...(values.reason.trim().length < LEAST_REASON ? { reason: 'Say why, in a few words' } : {}),
      }
    : {}
  const masked: FieldMessages = values.mask && values.adminEmail.trim() === '' ? { adminEmail: EMAIL_FOR_MASKED } : {}
  return { ...validate(Schema, toCloneInput(values, source, target)), ...masked, ...production }
}
