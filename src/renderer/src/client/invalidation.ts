import { operations } from '#shared/contract/index.ts'

/** Whether the query `name` is one of `patterns`: a full name, a whole noun (`tenants.*`) or everything (`*`). */
export function isMadeStale(name: string, patterns: readonly string[]): boolean {
  return patterns.some(pattern =>
    pattern === '*' ? true : pattern.endsWith('.*') ? name.startsWith(pattern.slice(0, -1)) : name === pattern,
  )
}

/** What the contract says an operation makes stale. */
export const staleAfter = (operation: string): readonly string[] => operations.get(operation)?.invalidates ?? []
