import { AppError } from '#shared/errors.ts'
import type { ByteRange } from './backup-store.ts'

/** S3's own limit for a key. */
const MAXIMUM_KEY_BYTES = 1_024
/** Common limit of file systems for one name. */
const MAXIMUM_NAME_BYTES = 255

const FORBIDDEN = /[\\\p{Cc}]/u

/**
 * Checks that a key means the same object in every store and cannot leave a folder: relative, no empty, `.` or `..` parts,
 * no backslash or control character. Returns its parts.
 * @throws AppError INVALID_INPUT
 */
export function keyParts(key: string): string[] {
  const parts = key.split('/')
  const isWrong =
    key === '' ||
    !key.isWellFormed() ||
    Buffer.byteLength(key) > MAXIMUM_KEY_BYTES ||
    FORBIDDEN.test(key) ||
    parts.some(part => part === '' || part === '.' || part === '..' || Buffer.byteLength(part) > MAXIMUM_NAME_BYTES)
  if (isWrong) throw invalidKey()
  return parts
}

/** A prefix may end anywhere in a key, also right after a slash. */
export function checkPrefix(prefix: string): void {
  if (prefix === '') return
  keyParts(prefix.endsWith('/') ? prefix.slice(0, -1) : prefix)
}

/** @throws AppError INVALID_INPUT */
export function checkRange({ offset, length = 0 }: ByteRange): void {
  const isWrong = [offset, length].some(value => !Number.isSafeInteger(value) || value < 0)
  if (isWrong) throw new AppError('INVALID_INPUT', 'A range of bytes is two whole numbers that are not negative.')
}

const invalidKey = (): AppError =>
  new AppError('INVALID_INPUT', 'This is not a key of the backup store.', {
    hint: 'A key is a relative path with / between its parts, without . or .. parts, at most 1024 bytes.',
  })

/** Keys in the order of their UTF-8 bytes, as S3 lists them. */
export function compareKeys(a: string, b: string): number {
  const shorter = Math.min(a.length, b.length)
  let index = 0
  while (index < shorter && a.charCodeAt(index) === b.charCodeAt(index)) index++
  if (index === shorter) return a.length - b.length
  return rank(a.charCodeAt(index)) - rank(b.charCodeAt(index))
}

/** Halves of characters beyond 0xFFFF come after all others, though their units are smaller than those from 0xE000 on. */
const rank = (unit: number): number => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit)
