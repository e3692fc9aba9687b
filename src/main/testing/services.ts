/** Variables that carry the addresses of real services; see scripts/services/names.ts. */
export type ServiceVariable = `TENANTRY_TEST_${string}`

/**
 * The value of a variable that a suite cannot do without. A service that cannot be had fails the suite; it is never skipped.
 * @throws Error naming the variable and how to set it
 */
export function requireService(name: ServiceVariable): string {
  const value = process.env[name]
  if (value !== undefined && value !== '') return value
  throw new Error(
    `${name} is not set. These tests need the real service: run them through npm test, or start it with scripts/services and export its variables.`,
  )
}
