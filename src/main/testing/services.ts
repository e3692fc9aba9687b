/**
 * The value of a variable (names: scripts/services/names.ts) that a suite cannot do without. A service that cannot be had fails the suite; it is never skipped.
 * @throws Error naming the variable and how to set it
 */
export function requireService(name: string): string {
  const value = process.env[name]
  if (value !== undefined && value !== '') return value
  throw new Error(
    `${name} is not set. These tests need the real service: run them through npm test, or start it with scripts/services and export its variables.`,
  )
}
