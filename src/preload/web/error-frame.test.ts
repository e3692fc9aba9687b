import { expect, test } from 'vitest'
import { errorFrame } from './error-frame.ts'

test('an error frame has the form that the kernel sends', () => {
  const frame = JSON.parse(errorFrame('7', { code: 'TIMEOUT', message: 'Too late.', retryable: true }))
  expect(frame).toEqual({
    type: 'error',
    id: '7',
    error: { code: 'TIMEOUT', message: 'Too late.', retryable: true, id: expect.any(String) },
  })
})
