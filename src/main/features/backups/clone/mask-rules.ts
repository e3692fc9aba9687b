import { createHmac } from 'node:crypto'

/** Gives a value that stands for a personal one. `value` is null for one that is too long to be read. */
export type MaskRule = (value: string | null, pseudonym: (kind: string) => string) => string | null

const digits = (hex: string, count: number): string =>
  Array.from({ length: count }, (_, index) => Number.parseInt(hex[index] ?? '0', 16) % 10).join('')

const remark: MaskRule = () => 'masked'

/**
 * Personal columns of DOMAIN's tenant schema, by name, in whatever table they are. Masked values fit the columns' constraints, are equal
 * where the real ones were, and cannot be taken for real ones: numbers begin with zeros, names and addresses say what they are.
 */
const RULES: Readonly<Record<string, MaskRule>> = {
  email: (_, pseudonym) => `p-${pseudonym('email').slice(0, 12)}@masked.invalid`,
  first_name: () => 'Person',
  last_name: (_, pseudonym) => pseudonym('name').slice(0, 8),
  phone: (_, pseudonym) => `+000${digits(pseudonym('phone'), 9)}`,
  // The year stays, so that ages are about right; it stays before every date that it was before.
  date_of_birth: value => {
    const year = /^(\d{4})-/.exec(value ?? '')?.[1]
    return year === undefined ? null : `${year}-01-01`
  },
  gender: () => null,
  pan: (_, pseudonym) => `ZZZZZ${digits(pseudonym('pan'), 4)}Z`,
  aadhaar: (_, pseudonym) => `0000${digits(pseudonym('aadhaar'), 8)}`,
  bank_account: (_, pseudonym) => `0000${digits(pseudonym('bank'), 10)}`,
  ifsc_code: (_, pseudonym) => `XXXX0${pseudonym('ifsc').slice(0, 6).toUpperCase()}`,
  // No password has this hash: nobody signs in to a masked tenant with the password of the real one.
  password_hash: () => '!masked',
  password: () => '!masked',
  reason: remark,
  approval_comments: remark,
  comments: remark,
  changes: () => '{}',
}

export const maskRuleOf = (column: string): MaskRule | undefined =>
  Object.hasOwn(RULES, column.toLowerCase()) ? RULES[column.toLowerCase()] : undefined

/** Names that stand for values: the same for the same value under the same key, and no way back without it. 64 hexadecimal digits. */
export const pseudonyms =
  (key: Buffer) =>
  (value: string | null, kind: string): string =>
    createHmac('sha256', key)
      .update(`${kind}\0${value ?? ''}`)
      .digest('hex')
