/** A command as it is run, for a person to read or to repeat in a POSIX shell; secrets are left out. */
export interface ShownCommand {
  program: string
  args: string[]
  /** Variables set for it, without the password. */
  variables: Record<string, string>
  /** All of it as one line. */
  text: string
}

const PLAIN = /^[A-Za-z0-9_@%+=:,./-]+$/

const quoted = (word: string): string => (PLAIN.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`)

export function shownCommand(command: Omit<ShownCommand, 'text'>, hasPassword: boolean): ShownCommand {
  const variables = Object.entries(command.variables).map(([name, value]) => `${name}=${quoted(value)}`)
  const password = hasPassword ? ['PGPASSWORD=***'] : []
  return { ...command, text: [...variables, ...password, command.program, ...command.args].map(keepSet).join(' ') }
}

/** Assignments are quoted already; only what follows them is an own word. */
const keepSet = (word: string): string => (/^PG[A-Z]+=/.test(word) ? word : quoted(word))
