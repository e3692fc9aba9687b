import { expect, it } from 'vitest'
import { z } from 'zod'
import { AppError, invalidInput } from '#shared/errors.ts'
import { serverFieldErrors, validate, withoutEmpty } from './form-errors.ts'

it('validate gives the first message of each field by dotted path', () => {
  const schema = z.object({ name: z.string().min(1, 'Enter a name'), tls: z.object({ mode: z.enum(['a']) }) })
  expect(validate(schema, { name: 'x', tls: { mode: 'a' } })).toEqual({})
  expect(Object.keys(validate(schema, { name: '', tls: { mode: 'b' } }))).toEqual(['name', 'tls.mode'])
  expect(validate(schema, { name: '', tls: { mode: 'a' } })).toEqual({ name: 'Enter a name' })
})

it('serverFieldErrors reads invalid input and conflicts, and nothing else', () => {
  expect(serverFieldErrors(invalidInput({ 'settings.name': 'No' }), 'settings.')).toEqual({ name: 'No' })
  const conflict = new AppError('CONFLICT', 'Taken', { details: { fields: { slug: 'This slug is taken' } } })
  expect(serverFieldErrors(conflict)).toEqual({ slug: 'This slug is taken' })
  expect(serverFieldErrors(new AppError('CONFLICT', 'Busy'))).toEqual({})
  expect(serverFieldErrors(new AppError('TIMEOUT', 'Slow', { details: { fields: { a: 'b' } } }))).toEqual({})
})

it('withoutEmpty keeps zero and false', () => {
  expect(withoutEmpty({ a: '', b: 0, c: false, d: undefined, e: 'x' })).toEqual({ b: 0, c: false, e: 'x' })
})
