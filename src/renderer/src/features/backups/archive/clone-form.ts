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

export function validateClone(values: CloneValues, source: CloneSource, target: CloneTarget): FieldMessages {
  const production: FieldMessages = target.isProduction
    ? {
        ...(values.typed === target.name ? {} : { typed: `Type ${target.name}` }),
        ...(values.reason.trim().length < LEAST_REASON ? { reason: 'Say why, in a few words' } : {}),
      }
    : {}
  return { ...validate(Schema, toCloneInput(values, source, target)), ...production }
}
