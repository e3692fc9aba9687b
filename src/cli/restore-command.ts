import { type Command, Option } from 'commander'
import type { InputOf, OutputOf, ResultOf } from '#shared/contract/index.ts'
import { HOLDS } from '#shared/contract/restore.model.ts'
import { AppError } from '#shared/errors.ts'
import { TenantId } from '#shared/ids.ts'
import { hostSession } from '../main/host-session.ts'
import { LocalClient } from '../main/kernel/local-client.ts'
import { EXIT, exitCodeOf } from './exit-codes.ts'
import { printFailure, toAppError } from './failure.ts'
import { JobReporter } from './job-reporter.ts'
import { printJson, printResult } from './print/print.ts'
import { byteSize, clean } from './print/text.ts'
import { findEnvironment, findTenant } from './references.ts'
import type { Backend, CliHost } from './run.ts'

/** `backup restore` is several operations in a row: plan, restore beside live, compare, confirm, swap. */

export interface RestoreInvocation {
  slug: string
  environment?: string
  archive: string
  asArchived?: boolean
  hold: (typeof HOLDS)[number]
  limitSeconds?: string
  keepDays?: string
  confirm?: string
  reason?: string
  plan?: boolean
  json?: boolean
}

type Plan = OutputOf<'backups.plan'>
type Restore = ResultOf<'backups.prepare'>
type TenantInput = Pick<InputOf<'backups.plan'>, 'environmentId' | 'tenantId'>

interface Run {
  invocation: RestoreInvocation
  client: LocalClient
  host: CliHost
  target: TenantInput
}

const HELP = `
The plan and the comparison with live are written to standard error, the result to standard output. Nothing is swapped without --confirm <slug>
(or, on a terminal, the slug typed after the comparison), nor when live changed since it was compared. What was live is kept for undo:
tenantry backups undo-plan, tenantry backups undo.`

export function addRestore(program: Command, run: (invocation: RestoreInvocation) => void): void {
  const group = program.commands.find(command => command.name() === 'backup') ?? program.command('backup')
  group
    .command('restore')
    .description('Restore a tenant from an archive: beside live, compared, confirmed, swapped, verified')
    .argument('<slug>', 'Slug of the tenant')
    .option('--environment <name>', 'Name or id of the environment')
    .option('--archive <place>', 'Place of the archive as listed, or latest', 'latest')
    .option('--as-archived', 'Leave an older archive at its own schema version instead of migrating it forward')
    .addOption(
      new Option('--hold <how>', 'How writers are held off for the final check').choices(HOLDS).default('wait'),
    )
    .option('--limit-seconds <number>', 'Seconds for which writers may be held off at most')
    .option('--keep-days <number>', 'Days for which what was live is kept for undo')
    .option('--confirm <slug>', 'The slug of the tenant, to confirm; always needed')
    .option('--reason <text>', 'Why this is done; needed in production')
    .option('--plan', 'Show the plan and stop')
    .option('--json', 'Print the result as one JSON document')
    .addHelpText('after', HELP)
    .action((slug: string, values: Omit<RestoreInvocation, 'slug'>) => run({ ...values, slug }))
}

/** Resolves to the exit code, when everything is closed again. */
export async function runRestore(invocation: RestoreInvocation, host: CliHost): Promise<number> {
  const { terminal, signal } = host
  const isJson = invocation.json === true
  let backend: Backend | undefined
  try {
    backend = await host.open()
    const client = new LocalClient(backend.kernel, hostSession('cli'))
    const named = invocation.environment ?? terminal.variables.TENANTRY_ENVIRONMENT
    const environment = await findEnvironment(client, named === '' ? undefined : named)
    const tenantId = TenantId.parse(await findTenant(client, environment.id, invocation.slug))
    const target = { environmentId: environment.id, tenantId }
    const result = await restore({ invocation, client, host, target })
    if (isJson) printJson(terminal, result)
    else printResult(terminal, invocation.plan === true ? 'backups.plan' : 'backups.restore', result)
    return EXIT.ok
  } catch (error) {
    const failure = toAppError(error, signal)
    printFailure(terminal, failure, isJson)
    return exitCodeOf(failure.code)
  } finally {
    await backend?.close()
  }
}

async function restore(run: Run): Promise<unknown> {
  const { invocation, client, host, target } = run
  const archive = invocation.archive === 'latest' ? await latestArchive(run) : invocation.archive
  const plan = await client.call('backups.plan', { ...target, archive }, { signal: host.signal })
  host.terminal.note(planText(plan))
  if (invocation.plan === true) return plan
  requireConfirmable(run, plan)
  const schemaChoice = invocation.asArchived === true ? ('as-archived' as const) : ('migrate' as const)
  const prepared = await runJob(run, 'backups.prepare', { ...target, archive, schemaChoice })
  host.terminal.note(comparisonText(prepared))
  const confirmation = await confirmed(run, plan, prepared)
  return await runJob(run, 'backups.restore', {
    ...target,
    restoreId: prepared.id,
    token: prepared.token ?? '',
    hold: invocation.hold,
    onChange: 'stop',
    ...numberFlag('limitSeconds', invocation.limitSeconds),
    ...numberFlag('keepDays', invocation.keepDays),
    confirmation,
  })
}

const numberFlag = (name: string, value: string | undefined): object =>
  value === undefined ? {} : { [name]: Number(value) }

async function latestArchive({ client, host, target, invocation }: Run): Promise<string> {
  const { items } = await client.call('backups.list', { ...target, limit: 200 }, { signal: host.signal })
  const found = items.find(item => item.state === 'complete' && item.verified?.outcome !== 'failed')
  if (found !== undefined) return found.archive
  throw new AppError('NOT_FOUND', `There is no good archive of ${invocation.slug}.`, {
    hint: 'List them with: tenantry backup list <slug>',
  })
}

/** A wrong name is refused before anything is built. */
function requireConfirmable({ invocation, host }: Run, plan: Plan): void {
  const { confirm } = invocation
  if (confirm === plan.slug || (confirm === undefined && host.terminal.isInteractive)) return
  throw new AppError('CONFIRMATION_REQUIRED', `Type the slug of the tenant to confirm: ${plan.slug}`, {
    hint: `Confirm with: --confirm ${plan.slug}${plan.environmentClass === 'production' ? ' --reason "…"' : ''}`,
    details: { expected: plan.slug, needsReason: plan.environmentClass === 'production' },
  })
}

/** Whoever does not confirm leaves nothing beside live. */
async function confirmed(run: Run, plan: Plan, prepared: Restore): Promise<{ typed: string; reason?: string }> {
  const { invocation, host } = run
  const { terminal, signal } = host
  const typed = invocation.confirm ?? (await terminal.ask(`Type ${plan.slug} to swap: `, { signal }))
  if (typed !== plan.slug) {
    await runJob(run, 'backups.discard', { ...run.target, restoreId: prepared.id })
    throw new AppError('CONFIRMATION_REQUIRED', 'This is not the slug of the tenant. Nothing was swapped.', {
      hint: 'What was restored beside live was removed again.',
    })
  }
  const needsReason = plan.environmentClass === 'production' && invocation.reason === undefined
  const reason = needsReason && terminal.isInteractive ? await terminal.ask('Reason: ', { signal }) : invocation.reason
  return reason === undefined ? { typed } : { typed, reason }
}

async function runJob<N extends 'backups.prepare' | 'backups.restore' | 'backups.discard'>(
  { client, host }: Run,
  name: N,
  input: InputOf<N>,
): Promise<ResultOf<N>> {
  const reporter = new JobReporter(host.terminal)
  try {
    return await client.runJob(name, input, { signal: host.signal, onChange: job => reporter.update(job) })
  } finally {
    reporter.end()
  }
}

const line = (name: string, value: string): string => `  ${name.padEnd(14)} ${clean(value)}\n`

export function planText(plan: Plan): string {
  const newer = plan.tables.filter(table => table.newerRows !== null && table.newerRows !== '0')
  const lost = newer.map(({ table, newerRows }) => `${table} ${newerRows}`).join(', ')
  const sessions = plan.sessions.length
  return [
    'Plan\n',
    line('Environment', `${plan.environmentName} (${plan.environmentClass})`),
    line('Tenant', `${plan.slug} · ${plan.tenantName} · ${plan.databaseSchema}`),
    line('Archive', `${plan.archiveAt} · ${plan.archiveHash.slice(0, 12)} · ${plan.archive}`),
    line('Comes back', `${plan.archiveRows} rows in ${plan.tables.length} tables`),
    line(
      'Live has',
      `${plan.isLiveRowsExact ? '' : 'about '}${plan.liveRows} rows; last activity ${plan.lastActivityAt ?? 'unknown'}`,
    ),
    line(
      'Newer in live',
      lost === '' ? 'no rows that could be told by their time' : `${lost} rows; a swap would lose them`,
    ),
    line(
      'Schema version',
      `archive ${plan.archiveVersion ?? '?'}, live ${plan.liveVersion ?? '?'}, latest ${plan.latestVersion}`,
    ),
    ...[plan.versionNote, plan.archiveDrift, plan.liveDrift].flatMap(note => (note === null ? [] : [line('', note)])),
    line('Needs', `${byteSize(plan.neededBytes)} on the server, about ${Math.ceil(plan.estimatedSeconds)} s`),
    line('Connected now', sessions === 0 ? 'nobody' : `${sessions} sessions use the tenant’s tables`),
    ...plan.otherRestores.map(other => line('Also', other)),
  ].join('')
}

export function comparisonText({ comparison }: Restore): string {
  const differing = (comparison ?? []).filter(table => table.state !== 'equal')
  if (differing.length === 0) return 'Live and the archive hold the same rows.\n'
  const rows = differing.map(
    table =>
      `  ${clean(table.table).padEnd(28)} ${table.onlyLeft} come back, ${table.onlyRight} are lost, ${table.changed} change back` +
      `${table.note === null ? '' : ` (${clean(table.note)})`}\n`,
  )
  return `What the swap would do\n${rows.join('')}`
}
