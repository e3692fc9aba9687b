import { describe, expect, test } from 'vitest'
import { toBackupError } from './errors.ts'

describe('errors of a backup store', () => {
  test.each([
    ['InvalidAccessKeyId', 'CONNECTION_FAILED', 'authentication'],
    ['SignatureDoesNotMatch', 'CONNECTION_FAILED', 'authentication'],
    ['AccessDenied', 'PERMISSION_DENIED', 'permission'],
    ['NoSuchBucket', 'CONNECTION_FAILED', 'missing'],
    ['NoSuchKey', 'NOT_FOUND', undefined],
    ['PermanentRedirect', 'CONNECTION_FAILED', undefined],
    ['RequestTimeTooSkewed', 'CONNECTION_FAILED', undefined],
    ['SlowDown', 'CONNECTION_FAILED', undefined],
    ['TimeoutError', 'CONNECTION_FAILED', 'timeout'],
  ])('S3 says %s', (name, code, reason) => {
    const error = toBackupError(Object.assign(new Error('words of the server'), { name }))
    expect(error.code).toBe(code)
    expect(Reflect.get(Object(error.details), 'reason')).toBe(reason)
    expect(JSON.stringify(error.toData())).not.toContain('words of the server')
  })

  test.each([
    [403, 'PERMISSION_DENIED'],
    [301, 'CONNECTION_FAILED'],
    [500, 'INTERNAL'],
  ])('an answer without a name, status %i', (httpStatusCode, code) => {
    expect(toBackupError(Object.assign(new Error('?'), { $metadata: { httpStatusCode } })).code).toBe(code)
  })

  test.each([
    ['EACCES', 'PERMISSION_DENIED'],
    ['EPERM', 'PERMISSION_DENIED'],
    ['EROFS', 'PERMISSION_DENIED'],
    ['ENOSPC', 'CONNECTION_FAILED'],
    ['EDQUOT', 'CONNECTION_FAILED'],
    ['EIO', 'CONNECTION_FAILED'],
    ['ENOENT', 'NOT_FOUND'],
  ])('the file system says %s', (systemCode, code) => {
    expect(toBackupError(Object.assign(new Error('?'), { code: systemCode, syscall: 'open' })).code).toBe(code)
  })
})
