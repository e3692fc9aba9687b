import { z } from 'zod'
import type { Confirmation } from '#shared/contract/define.ts'
import type { InputOf } from '#shared/contract/index.ts'
import { AppError } from '#shared/errors.ts'
import type { Execution } from './execute.ts'
import type { Input } from './input.ts'
import { byteSize } from './print/text.ts'
import type { Invocation } from './program.ts'

/** What CONFIRMATION_REQUIRED carries. */
const Refusal = z.object({ expected: z.string(), needsReason: z.boolean() })

/** What the person confirmed with flags. */
export function addConfirmation(input: Input, { values }: Invocation): void {
  const { confirm, reason } = values
  if (typeof confirm !== 'string') return
  input.confirmation = typeof reason === 'string' ? { typed: confirm, reason } : { typed: confirm }
}

/** Asks a person to type the name; rejects with the refusal where nobody can be asked, or a flag was wrong. */
export async function askConfirmation(
  refusal: AppError,
  invocation: Invocation,
  execution: Execution & { input: Input },
): Promise<Confirmation> {
  const { terminal, signal } = execution
  const { expected, needsReason } = Refusal.parse(refusal.details)
  if (!terminal.isInteractive || invocation.values.confirm !== undefined) {
    const reason = needsReason ? ' --reason "…"' : ''
    throw new AppError('CONFIRMATION_REQUIRED', refusal.message, {
      ...refusal,
      hint: `Confirm with: --confirm ${expected}${reason}`,
    })
  }
  terminal.note(`${await lossOf(invocation, execution)}\n`)
  const typed = await terminal.ask(`Type ${expected} to confirm: `, { signal })
  const given = invocation.values.reason
  if (typeof given === 'string') return { typed, reason: given }
  return needsReason ? { typed, reason: await terminal.ask('Reason: ', { signal }) } : { typed }
}

/** One sentence on what happens; with counts where data is lost. */
async function lossOf({ spec, operation }: Invocation, execution: Execution & { input: Input }): Promise<string> {
  if (spec.operation !== 'tenants.delete') return `${operation.summary}.`
  const { client, input, signal } = execution
  const { environmentId, tenantId } = input as InputOf<'tenants.deletionPlan'>
  const plan = await client.call('tenants.deletionPlan', { environmentId, tenantId }, { signal })
  const people = plan.employees === null ? '' : `, ${plan.employees} employees`
  const backup = plan.latestBackupAt === null ? 'no backup' : `the latest backup of ${plan.latestBackupAt}`
  return (
    `This deletes ${plan.slug} for good: ${plan.tables} tables, about ${plan.rowsEstimate} rows${people}, ` +
    `${byteSize(plan.sizeBytes)}. There is ${backup}.`
  )
}
