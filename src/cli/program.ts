import { Command, Option } from 'commander'
import type { Operation } from '#shared/contract/define.ts'
import { type CommandSpec, commandSpecs, operationOf } from './commands.ts'
import { type Flag, flagsOf, hasField, isOptionalField } from './flags.ts'
import type { Terminal } from './terminal.ts'

/** What the person typed, by flag name; values are texts, lists of texts, or booleans. */
export type FlagValues = Readonly<Record<string, unknown>>

export interface Invocation {
  spec: CommandSpec
  operation: Operation
  flags: readonly Flag[]
  values: FlagValues
  slug: string | undefined
}

const EXIT_CODES_HELP = `
Exit codes: 0 done, 1 failed, 2 wrong input or no confirmation, 3 not permitted, 4 not found, 5 no connection, 130 cancelled.
The environment is taken from --environment, then TENANTRY_ENVIRONMENT, then the only one there is.
Where there is no keychain, TENANTRY_SECRET_POSTGRES, _MONGO, _REDIS and _BACKUP hold the secrets of the environment.`

/** The whole program, derived from the contract. `run` is called with what was typed, at most once. */
export function buildProgram(
  version: string,
  terminal: Pick<Terminal, 'out' | 'note' | 'columns'>,
  run: (invocation: Invocation) => void,
): Command {
  const program = new Command('tenantry')
  program
    .description('Admin console for multi-tenant HR databases')
    .version(version, '--version')
    .helpCommand(false)
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText('after', EXIT_CODES_HELP)
    .configureOutput({
      writeOut: terminal.out,
      writeErr: terminal.note,
      getOutHelpWidth: () => terminal.columns ?? 120,
      getErrHelpWidth: () => terminal.columns ?? 120,
    })
  for (const spec of commandSpecs()) addCommand(program, spec, run)
  for (const group of program.commands) {
    if (group.commands.length > 0) group.description(group.commands.map(command => command.name()).join(', '))
  }
  return program
}

function addCommand(program: Command, spec: CommandSpec, run: (invocation: Invocation) => void): void {
  const operation = operationOf(spec)
  const verb = spec.words.at(-1) ?? ''
  const command = groupOf(program, spec.words).command(verb).description(operation.summary)
  // Settings are inherited when a command is made by its parent, so the order of calls matters here.
  const flags = flagsOf(operation.input)
  if (spec.takesSlug === true) command.argument('<slug>', 'Slug of the tenant')
  addSharedOptions(command, spec, operation)
  for (const flag of flags) for (const option of optionsOf(flag)) command.addOption(option)
  command.option('--json', 'Print the result as one JSON document')
  command.action((...args: unknown[]) => {
    const slug = spec.takesSlug === true ? String(args[0]) : undefined
    run({ spec, operation, flags, values: command.opts(), slug })
  })
}

function groupOf(program: Command, words: readonly string[]): Command {
  const [noun] = words
  if (words.length === 1 || noun === undefined) return program
  return program.commands.find(command => command.name() === noun) ?? program.command(noun).helpCommand(false)
}

function addSharedOptions(command: Command, spec: CommandSpec, operation: Operation): void {
  const { input } = operation
  if (hasField(input, 'environmentId')) {
    const note = isOptionalField(input, 'environmentId') ? '; may be left out' : ''
    command.option('--environment <name>', `Name or id of the environment${note}`)
  }
  if (hasField(input, 'tenantId') && spec.takesSlug !== true) {
    const note = isOptionalField(input, 'tenantId') ? '; may be left out' : ' (required)'
    command.option('--tenant <slug>', `Slug or id of the tenant${note}`)
  }
  if (hasField(input, 'confirmation')) {
    const what = operation.scope === 'tenant' ? 'slug of the tenant' : 'name of the environment'
    const when = operation.confirm === 'always' ? 'always needed' : 'needed in production'
    command.option('--confirm <name>', `The ${what}, to confirm; ${when}`)
    if (!hasField(input, 'reason')) command.option('--reason <text>', 'Why this is done; needed in production')
  }
  if (hasField(input, 'source')) {
    // Not --env-file: Node takes an option of that name for itself, wherever it stands.
    command.option('--from-file <path>', 'Env file to read; - for standard input')
    command.option('--from-process', 'Take the variables of this process')
  }
  if (hasField(operation.output, 'items') && spec.allPages !== true)
    command.option('--all', 'Follow the pages to the end')
}

function optionsOf(flag: Flag): Option[] {
  const text = helpText(flag)
  if (flag.kind === 'boolean') {
    return [new Option(`--${flag.name}`, text), new Option(`--no-${flag.name}`, 'The opposite').hideHelp()]
  }
  if (flag.kind === 'secret') {
    return [
      new Option(`--${flag.name}-stdin`, `${text}: read one line from standard input`),
      new Option(`--${flag.name}-env <variable>`, `${text}: read from an environment variable`),
      new Option(`--${flag.name}-prompt`, `${text}: ask for it`),
    ]
  }
  const option = new Option(`--${flag.name} <${placeholder(flag)}>`, text)
  if (flag.kind === 'list')
    option.argParser((value: string, before: string[] | undefined) => [...(before ?? []), value])
  const clear = new Option(`--no-${flag.name}`, 'Set to nothing')
  return flag.isNullable ? [option, clear] : [option]
}

const placeholder = (flag: Flag): string =>
  flag.choices?.join('|') ?? (flag.kind === 'number' || flag.kind === 'json' ? flag.kind : 'text')

function helpText(flag: Flag): string {
  const notes = [
    ...(flag.isRequired ? ['required'] : []),
    ...(flag.kind === 'list' ? ['may be repeated'] : []),
    ...(flag.defaultValue === undefined || flag.defaultValue === false || flag.kind === 'json'
      ? []
      : [`default ${String(flag.defaultValue)}`]),
  ]
  const text = flag.description === '' ? `Sets ${flag.path.join('.')}` : flag.description
  return notes.length === 0 ? text : `${text} (${notes.join(', ')})`
}
