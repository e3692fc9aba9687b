import { z } from 'zod'
import type { ErrorData } from './errors.ts'
import type { Json } from './json.ts'

/**
 * The protocol between a window, a console page or a command and the kernel. A frame is one JSON text; every host carries
 * texts and nothing else, so no host can pass a value that another could not.
 */

/** Longest accepted incoming frame, in UTF-16 units. Inputs are forms and filters; files travel as paths. */
export const MAX_FRAME_LENGTH = 1_048_576

export const CallId = z.string().min(1).max(64)

export const ClientFrame = z.discriminatedUnion('type', [
  z.object({ type: z.literal('call'), id: CallId, op: z.string().max(100), input: z.unknown().optional() }),
  z.object({ type: z.literal('cancel'), id: CallId }),
])
export type ClientFrame = z.infer<typeof ClientFrame>

export type ServerFrame =
  | { type: 'result'; id: string; value: Json }
  /** `id` is null when the frame was so broken that it named no call. */
  | { type: 'error'; id: string | null; error: ErrorData }
  | { type: 'event'; id: string; value: Json }
