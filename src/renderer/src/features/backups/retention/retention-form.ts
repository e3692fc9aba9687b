import { RetentionPolicy } from '#shared/contract/backup.model.ts'
import { type FieldMessages, validate } from '../../../lib/form-errors.ts'

export const RULES = [
  { name: 'days', label: 'Keep all that are younger than', unit: 'days', max: 3_650, min: 0 },
  { name: 'last', label: 'Keep the latest of each tenant', unit: 'archives', max: 1_000, min: 1 },
  { name: 'weekly', label: 'Keep the latest of each week, for', unit: 'weeks', max: 520, min: 0 },
  { name: 'monthly', label: 'Keep the latest of each month, for', unit: 'months', max: 240, min: 0 },
] as const
export type RuleName = (typeof RULES)[number]['name']

/** Fields as people fill them in: text while they type. */
export type RuleValues = Record<RuleName, number | string>

export const isSame = (a: RetentionPolicy, b: RuleValues): boolean => RULES.every(({ name }) => a[name] === b[name])

export const policyOf = (values: RuleValues): RetentionPolicy | undefined => RetentionPolicy.safeParse(values).data

export const validateRules = (values: RuleValues): FieldMessages => validate(RetentionPolicy, values)

/** “younger than 30 days, the latest 3 of each tenant”. */
export function policyWords({ days, last, weekly, monthly }: RetentionPolicy): string {
  const parts = [
    days === 0 ? undefined : `younger than ${days} ${days === 1 ? 'day' : 'days'}`,
    last === 1 ? 'the latest of each tenant' : `the latest ${last} of each tenant`,
    weekly === 0 ? undefined : `one of each of the past ${weekly} weeks`,
    monthly === 0 ? undefined : `one of each of the past ${monthly} months`,
  ]
  return parts.filter(part => part !== undefined).join(', ')
}
