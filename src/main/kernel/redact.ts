import { z } from 'zod'
import type { Json } from '#shared/json.ts'

const HIDDEN = '[redacted]'
const SECRET_NAME = /pass(word|phrase)?$|secret|token|credential|api_?key|private_?key|authorization/i
/** Up to the last @: passwords that hold one are often pasted as they are. */
const URL_PASSWORD = /\b([a-z][a-z0-9+.-]*:\/\/[^/@:\s]*):\S*@/gi
/** In connection strings of `name=value` pairs and in queries of URLs. */
const NAMED_PASSWORD = /\b(password|passwd|pwd)=[^\s&;]+/gi

/**
 * A copy of an operation's input that may be written down: fields the contract marks `secret`, fields with the name of a
 * secret, and passwords inside URLs are replaced.
 */
export function redact(value: unknown, schema?: z.ZodType): Json {
  if (schema !== undefined && isSecret(schema)) return value === undefined ? null : HIDDEN
  if (value === undefined || value === null) return null
  if (typeof value === 'string') return hidePasswords(value)
  if (typeof value === 'number' || typeof value === 'boolean') return value
  if (Array.isArray(value)) return value.map(item => redact(item, elementOf(schema)))
  if (typeof value !== 'object') return String(value)
  const shape = shapeOf(schema, value)
  return Object.fromEntries(
    Object.entries(value).map(([key, item]): [string, Json] => {
      if (typeof item === 'string' && SECRET_NAME.test(key)) return [key, HIDDEN]
      return [key, redact(item, shape?.[key])]
    }),
  )
}

const hidePasswords = (text: string): string =>
  text.replace(URL_PASSWORD, `$1:${HIDDEN}@`).replace(NAMED_PASSWORD, `$1=${HIDDEN}`)

type Shape = Record<string, z.ZodType>

function unwrap(schema: z.ZodType | undefined): z.ZodType | undefined {
  let inner: unknown = schema
  while (inner instanceof z.ZodOptional || inner instanceof z.ZodNullable || inner instanceof z.ZodDefault) {
    if (isSecret(inner as z.ZodType)) return inner as z.ZodType
    inner = inner.unwrap()
  }
  return inner as z.ZodType | undefined
}

function isSecret(schema: z.ZodType): boolean {
  if (z.globalRegistry.get(schema)?.secret === true) return true
  const isWrapped = schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodDefault
  return isWrapped && isSecret(schema.unwrap() as z.ZodType)
}

function elementOf(schema: z.ZodType | undefined): z.ZodType | undefined {
  const inner = unwrap(schema)
  return inner instanceof z.ZodArray ? (inner.element as z.ZodType) : undefined
}

function shapeOf(schema: z.ZodType | undefined, value: object): Shape | undefined {
  const inner = unwrap(schema)
  if (inner instanceof z.ZodObject) return inner.shape as Shape
  if (inner instanceof z.ZodUnion) {
    const option = inner.options.find(candidate => (candidate as z.ZodType).safeParse(value).success)
    return option instanceof z.ZodObject ? (option.shape as Shape) : undefined
  }
  return undefined
}
