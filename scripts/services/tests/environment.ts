/** @throws Error when the variable is missing: a suite without its server fails, it is not skipped */
export function variable(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: start the services with scripts/services/cli.ts up`)
  return value
}
