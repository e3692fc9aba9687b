import { AppError, invalidInput } from '#shared/errors.ts'
import { type Flag, hasField, requiredObjectsOf } from './flags.ts'
import type { FlagValues, Invocation } from './program.ts'
import type { Terminal } from './terminal.ts'

export type Input = Record<string, unknown>

/**
 * The operation's input as typed. Environment, tenant and confirmation are filled in by others. Rejects with INVALID_INPUT,
 * by field, for what is missing or of the wrong kind; everything else is checked by the kernel.
 */
export async function readInput(invocation: Invocation, terminal: Terminal): Promise<Input> {
  const { flags, values, operation } = invocation
  const problems: Record<string, string> = {}
  const input: Input = {}
  for (const flag of flags) {
    const typed = values[flag.path.join('.')]
    const found = flag.kind === 'secret' ? await readSecret(flag, values, terminal) : parse(flag, typed)
    if (found instanceof Problem) problems[flag.path.join('.')] = found.message
    else if (found !== undefined) put(input, flag.path, found)
  }
  for (const flag of flags) {
    if (isMissing(flag, input)) problems[flag.path.join('.')] ??= 'This is required.'
  }
  if (Object.keys(problems).length > 0) throw invalidInput(problems)
  if (hasField(operation.input, 'source')) input.source = await readSource(values, terminal)
  for (const path of requiredObjectsOf(operation.input)) if (get(input, path) === undefined) put(input, path, {})
  return input
}

class Problem {
  readonly message: string

  constructor(message: string) {
    this.message = message
  }
}

function parse(flag: Flag, typed: unknown): unknown {
  if (typed === undefined) return undefined
  if (typed === false) return flag.isNullable ? null : false
  if (typeof typed !== 'string') return typed
  if (flag.kind === 'number') {
    const number = typed.trim() === '' ? Number.NaN : Number(typed)
    return Number.isFinite(number) ? number : new Problem('This is a number.')
  }
  if (flag.kind !== 'json') return typed
  try {
    return JSON.parse(typed)
  } catch {
    return new Problem('This is a JSON text.')
  }
}

/** Later flags, which are deeper, win over fields of a JSON text given for the whole. */
function put(input: Input, path: readonly string[], value: unknown): void {
  let target = input
  for (const key of path.slice(0, -1)) {
    const next = target[key]
    if (typeof next !== 'object' || next === null) target[key] = {}
    target = target[key] as Input
  }
  target[path.at(-1) ?? ''] = value
}

function get(input: Input, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, key) => (typeof value === 'object' ? Reflect.get(Object(value), key) : undefined),
    input,
  )
}

const isMissing = (flag: Flag, input: Input): boolean => flag.isRequired && get(input, flag.path) === undefined

async function readSecret(flag: Flag, values: FlagValues, terminal: Terminal): Promise<string | Problem | undefined> {
  const key = flag.path.join('.')
  const variable = values[`${key}Env`]
  if (typeof variable === 'string') {
    return terminal.variables[variable] ?? new Problem(`The environment variable ${variable} is not set.`)
  }
  if (values[`${key}Stdin`] === true) return await readSecretLine(terminal)
  if (values[`${key}Prompt`] !== true) return undefined
  if (!terminal.isInteractive) return new Problem('Nobody can be asked here: use standard input or a variable.')
  return await terminal.ask(`${flag.description}: `, { isHidden: true })
}

/** Several secrets may come from standard input: one line each, in the order of the help. */
async function readSecretLine(terminal: Terminal): Promise<string | Problem> {
  const line = (await terminal.readInputLine()) ?? ''
  return line === '' ? new Problem('Standard input holds no line for this.') : line
}

async function readSource(values: FlagValues, terminal: Terminal): Promise<unknown> {
  const path = values.fromFile
  if (values.fromProcess === true && path === undefined) return { kind: 'process' }
  if (typeof path !== 'string' || values.fromProcess === true) {
    throw invalidInput({ source: 'Give either --from-file or --from-process.' })
  }
  if (path === '-') return { kind: 'text', text: await terminal.readInput() }
  try {
    return { kind: 'text', text: await terminal.readFile(path) }
  } catch (cause) {
    throw new AppError('NOT_FOUND', `The file ${path} cannot be read.`, { cause })
  }
}
