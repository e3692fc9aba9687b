import { MongoParseError, MongoServerError, MongoServerSelectionError } from 'mongodb'
import { describe, expect, test } from 'vitest'
import { toMongoError } from './errors.ts'

const stated = (code: number) => new MongoServerError({ message: 'words of the server', code })

describe('MongoDB error codes', () => {
  test.each([
    [13, 'PERMISSION_DENIED'],
    [18, 'CONNECTION_FAILED'],
    [26, 'NOT_FOUND'],
    [48, 'CONFLICT'],
    [50, 'TIMEOUT'],
    [59, 'UNSUPPORTED'],
    [91, 'CONNECTION_FAILED'],
    [112, 'CONFLICT'],
    [115, 'UNSUPPORTED'],
    [121, 'INVALID_INPUT'],
    [8000, 'CONNECTION_FAILED'],
    [10107, 'CONNECTION_FAILED'],
    [11000, 'CONFLICT'],
    [11600, 'CONNECTION_FAILED'],
    [13435, 'CONNECTION_FAILED'],
    [99_999, 'INTERNAL'],
  ])('%i is %s', (code, expected) => {
    const error = toMongoError(stated(code))
    expect(error.code).toBe(expected)
    expect(JSON.stringify(error.toData())).not.toContain('words of the server')
  })
  test('a selection that found nobody is a matter of time and place', () => {
    const error = new MongoServerSelectionError('Server selection timed out after 10 ms', Object.create(null))
    expect(toMongoError(error)).toMatchObject({ code: 'CONNECTION_FAILED', details: { reason: 'timeout' } })
  })
  test('a URI that the driver cannot read is invalid input', () => {
    expect(toMongoError(new MongoParseError('option x is not supported')).code).toBe('INVALID_INPUT')
  })
  test('a caller who cancelled is told so', () => {
    expect(toMongoError(stated(11_600), { isCancelled: true }).code).toBe('CANCELLED')
  })
})
