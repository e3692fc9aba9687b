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
    ['RequestTimeTooSkewed', 'CONNECTION_FAILED', 'clock'],
    ['SlowDown', 'CONNECTION_FAILED', undefined],
    ['TimeoutError', 'CONNECTION_FAILED', 'timeout'],
    ['RequestTimeout', 'CONNECTION_FAILED', 'timeout'],
    ['XAmzContentSHA256Mismatch', 'CONNECTION_FAILED', undefined],
    ['PreconditionFailed', 'CONFLICT', undefined],
    ['NoSuchUpload', 'CONFLICT', undefined],
    ['XMinioStorageFull', 'CONNECTION_FAILED', undefined],
  ])('S3 says %s', (name, code, reason) => {
    const error = toBackupError(Object.assign(new Error('words of the server'), { name }))
    expect(error.code).toBe(code)
    expect(Reflect.get(Object(error.details), 'reason')).toBe(reason)
    expect(JSON.stringify(error.toData())).not.toContain('words of the server')
  })

  test.each([
    [403, 'PERMISSION_DENIED'],
    [301, 'CONNECTION_FAILED'],
    [418, 'INTERNAL'],
    [429, 'CONNECTION_FAILED', true],
    [500, 'CONNECTION_FAILED', true],
    [502, 'CONNECTION_FAILED', true],
    [503, 'CONNECTION_FAILED', true],
    [504, 'CONNECTION_FAILED', true],
    [507, 'CONNECTION_FAILED'],
  ])('an answer without a name, status %i', (httpStatusCode, code, retryable = false) => {
    const error = toBackupError(Object.assign(new Error('?'), { $metadata: { httpStatusCode } }))
    expect(error).toMatchObject({ code, retryable })
  })

  test('the SDK takes a lost connection for a timeout', () => {
    const error = Object.assign(new Error('socket hang up'), { name: 'TimeoutError', code: 'ECONNRESET' })
    expect(toBackupError(error)).toMatchObject({
      code: 'CONNECTION_FAILED',
      retryable: true,
      details: { reason: 'lost' },
    })
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
