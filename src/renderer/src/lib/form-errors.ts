import type { z } from 'zod'
import { AppError, fieldErrors } from '#shared/errors.ts'

export type FieldMessages = Record<string, string>

/** The first message of each field, by dotted path, as forms take them. */
export function validate(schema: z.ZodType, value: unknown): FieldMessages {
  const parsed = schema.safeParse(value)
  if (parsed.success) return {}
  const messages: FieldMessages = {}
  for (const issue of parsed.error.issues) messages[issue.path.map(String).join('.')] ??= issue.message
  return messages
}

/**
 * The server's messages by field: those of INVALID_INPUT, and those a CONFLICT carries in `details.fields`.
 * @param strip a prefix of the paths that the form does not have, for example `settings.`
 */
export function serverFieldErrors(error: unknown, strip = ''): FieldMessages {
  const found =
    error instanceof AppError && error.code === 'CONFLICT'
      ? fieldErrors(new AppError('INVALID_INPUT', '', { details: error.details }))
      : fieldErrors(error)
  return Object.fromEntries(
    Object.entries(found).map(([path, message]) => [path.startsWith(strip) ? path.slice(strip.length) : path, message]),
  )
}

/** Leaves out empty texts and undefined values: an optional field that was not filled in is absent. */
export function withoutEmpty<T extends object>(values: T): Partial<T> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== ''),
  ) as Partial<T>
}
