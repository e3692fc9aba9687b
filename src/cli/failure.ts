import { AppError, type ErrorData, fieldErrors, isAppError } from '#shared/errors.ts'
import { flagName } from './flags.ts'
import { clean, safeJson } from './print/text.ts'
import type { Terminal } from './terminal.ts'

/** Fields whose flag has another name than the field. */
const FLAGS: Readonly<Record<string, string>> = {
  environmentId: '--environment',
  tenantId: '--tenant',
  source: '--from-file',
  'confirmation.typed': '--confirm',
  'confirmation.reason': '--reason',
}

/** Tells a failure on standard error: as text for people, or as one JSON document. */
export function printFailure(terminal: Pick<Terminal, 'note'>, error: AppError, isJson: boolean): void {
  if (isJson) return void terminal.note(`${safeJson({ error: error.toData() satisfies ErrorData })}\n`)
  terminal.note(`${clean(error.message)} (${error.code})\n`)
  for (const [field, message] of Object.entries(fieldErrors(error))) {
    terminal.note(`  ${FLAGS[field] ?? `--${clean(flagName(field.split('.')))}`}: ${clean(message)}\n`)
  }
  if (error.hint !== undefined) terminal.note(`${clean(error.hint)}\n`)
  if (error.code === 'INTERNAL') terminal.note(`Error id in the log: ${error.id}\n`)
}

/** What failed because the person cancelled is a cancellation, whatever the failing part says. */
export function toAppError(error: unknown, signal: AbortSignal): AppError {
  if (isAppError(error)) return error
  if (signal.aborted) return new AppError('CANCELLED', 'The command was cancelled.', { cause: error })
  const message = error instanceof Error ? error.message : String(error)
  return new AppError('INTERNAL', message, { cause: error })
}
