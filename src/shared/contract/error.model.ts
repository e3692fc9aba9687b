import { z } from 'zod'
import { ERROR_CODES } from '../errors.ts'

/** The schema of `ErrorData`, for errors that are part of an answer (a store that failed, a job that ended badly). */
export const ErrorShape = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  hint: z.string().optional(),
  details: z.json().optional(),
  retryable: z.boolean(),
  id: z.string(),
})
