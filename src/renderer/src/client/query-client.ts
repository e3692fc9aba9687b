import { QueryClient } from '@tanstack/react-query'
import { type AppError, isAppError } from '#shared/errors.ts'
import { isMadeStale, staleAfter } from './invalidation.ts'

declare module '@tanstack/react-query' {
  interface Register {
    defaultError: AppError
  }
}

const MAX_RETRIES = 2

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // The kernel is on this machine; whether the network is up says nothing about it.
      networkMode: 'always',
      retry: (count, error) => isAppError(error) && error.retryable && count < MAX_RETRIES,
      retryDelay: attempt => 500 * 2 ** attempt,
    },
    mutations: { networkMode: 'always' },
  },
})

/** Marks as stale what the contract says `operation` changed; what is on screen is fetched again. */
export async function invalidateAfter(operation: string): Promise<void> {
  const patterns = staleAfter(operation)
  if (patterns.length === 0) return
  await queryClient.invalidateQueries({ predicate: query => isMadeStale(String(query.queryKey[0]), patterns) })
}
