import { expect, it } from 'vitest'
import { classOfFile } from './env-source.ts'

it.each([
  ['.env.production', 'production'],
  ['hr-prod.env', 'production'],
  ['staging.env', 'staging'],
  ['.env.local', 'development'],
  ['.env', ''],
  ['product-reprod.env', ''],
  ['', ''],
])('%s says %s', (fileName, expected) => {
  expect(classOfFile(fileName)).toBe(expected)
})
