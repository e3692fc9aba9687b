import { describe, expect, test } from 'vitest'
import { AppError } from '#shared/errors.ts'
import { toAppError } from './errors.ts'

const stated = (code: string) => Object.assign(new Error('words of the driver'), { code })

describe('SQLSTATE to code', () => {
  test.each([
    ['08006', 'CONNECTION_FAILED', true],
    ['08P01', 'CONNECTION_FAILED', true],
    ['0A000', 'UNSUPPORTED', false],
    ['22001', 'INVALID_INPUT', false],
    ['22P02', 'INVALID_INPUT', false],
    ['23502', 'INVALID_INPUT', false],
    ['23503', 'CONFLICT', false],
    ['23505', 'CONFLICT', false],
    ['23514', 'INVALID_INPUT', false],
    ['25006', 'PERMISSION_DENIED', false],
    ['28000', 'CONNECTION_FAILED', false],
    ['28P01', 'CONNECTION_FAILED', false],
    ['3D000', 'CONNECTION_FAILED', false],
    ['3F000', 'TENANT_UNAVAILABLE', false],
    ['40001', 'CONFLICT', true],
    ['40P01', 'CONFLICT', true],
    ['42501', 'PERMISSION_DENIED', false],
    ['42703', 'NOT_FOUND', false],
    ['42P01', 'NOT_FOUND', false],
    ['42P06', 'CONFLICT', false],
    ['42P07', 'CONFLICT', false],
    ['42710', 'CONFLICT', false],
    ['53100', 'CONNECTION_FAILED', true],
    ['53200', 'CONNECTION_FAILED', true],
    ['53300', 'CONNECTION_FAILED', true],
    ['53400', 'CONNECTION_FAILED', true],
    ['55P03', 'TIMEOUT', true],
    ['57014', 'TIMEOUT', true],
    ['57P01', 'CONNECTION_FAILED', true],
    ['57P03', 'CONNECTION_FAILED', true],
    ['58030', 'CONNECTION_FAILED', true],
  ])('%s is %s', (state, code, retryable) => {
    expect(toAppError(stated(state))).toMatchObject({ code, retryable, details: { sqlState: state } })
  })

  test('names the failure for what a person can mend', () => {
    const reasonOf = (state: string) => Reflect.get(Object(toAppError(stated(state)).details), 'reason')
    expect(['28P01', '28000', '3D000', '42501', '57P01'].map(reasonOf)).toEqual([
      'authentication',
      'authentication',
      'missing',
      'permission',
      'lost',
    ])
  })

  test('an unknown state is INTERNAL and keeps the state, never the words', () => {
    const error = toAppError(stated('XX000'))
    expect(error).toMatchObject({ code: 'INTERNAL', details: { sqlState: 'XX000' } })
    expect(JSON.stringify(error.toData())).not.toContain('words of the driver')
  })

  test('a system code of five characters is not taken for a SQLSTATE', () => {
    expect(toAppError(Object.assign(new Error('write EPIPE'), { code: 'EPIPE' }))).toMatchObject({
      code: 'CONNECTION_FAILED',
      details: { reason: 'lost' },
    })
  })

  test('a cancelled statement is CANCELLED, a coded error stays as it is', () => {
    expect(toAppError(stated('57014'), { isCancelled: true }).code).toBe('CANCELLED')
    const own = new AppError('CONFLICT', 'mine')
    expect(toAppError(own, { isCancelled: true })).toBe(own)
  })
})
