import {
  type InfiniteData,
  keepPreviousData,
  type UseInfiniteQueryResult,
  type UseMutationResult,
  type UseQueryResult,
  useInfiniteQuery,
  useMutation,
  useQuery,
} from '@tanstack/react-query'
import type { InputOf, JobName, MutationName, OutputOf, QueryName } from '#shared/contract/index.ts'
import type { AppError } from '#shared/errors.ts'
import { notifyError } from '../lib/notify.tsx'
import { client } from './client.ts'
import { invalidateAfter } from './query-client.ts'

interface QueryOptions<Answer = unknown> {
  enabled?: boolean
  staleTime?: number
  /** Keeps the last answer on screen while the next input loads. */
  keepPrevious?: boolean
  /** Milliseconds until it is asked again, by the last answer; a window that nobody sees asks nothing. */
  pollMs?: (answer: Answer | undefined) => number | false
}

/** A query of the contract; cached under its name and input. An undefined input asks nothing yet. */
export function useOperation<N extends QueryName>(
  name: N,
  input: InputOf<N> | undefined,
  options: QueryOptions<OutputOf<N>> = {},
): UseQueryResult<OutputOf<N>, AppError> {
  return useQuery<OutputOf<N>, AppError>({
    queryKey: [name, input],
    queryFn: ({ signal }) => client.call(name, input as InputOf<N>, { signal }),
    enabled: input !== undefined && options.enabled !== false,
    ...(options.staleTime === undefined ? {} : { staleTime: options.staleTime }),
    ...pollingOf(options.pollMs),
    ...(options.keepPrevious === true ? { placeholderData: keepPreviousData } : {}),
  })
}

function pollingOf<Answer>(pollMs: QueryOptions<Answer>['pollMs']) {
  if (pollMs === undefined) return {}
  return { refetchInterval: (query: { state: { data: Answer | undefined } }) => pollMs(query.state.data) }
}

/** Queries that answer in pages. */
export type PagedName = {
  [N in QueryName]: OutputOf<N> extends { nextCursor: string | null } ? N : never
}[QueryName]

/** A paged query; pages are asked for by the cursor of the page before. */
export function usePagedOperation<N extends PagedName>(
  name: N,
  input: InputOf<N>,
  options: QueryOptions = {},
): UseInfiniteQueryResult<InfiniteData<OutputOf<N>>, AppError> {
  return useInfiniteQuery<OutputOf<N>, AppError, InfiniteData<OutputOf<N>>, readonly unknown[], string | undefined>({
    queryKey: [name, input, 'pages'],
    queryFn: ({ signal, pageParam }) =>
      client.call(name, pageParam === undefined ? input : { ...input, cursor: pageParam }, { signal }),
    initialPageParam: undefined,
    getNextPageParam: last => (last as { nextCursor: string | null }).nextCursor ?? undefined,
    enabled: options.enabled !== false,
    ...(options.staleTime === undefined ? {} : { staleTime: options.staleTime }),
    ...(options.keepPrevious === true ? { placeholderData: keepPreviousData } : {}),
  })
}

interface MutationOptions {
  /** The caller shows errors itself, usually beside the fields of a form. */
  isQuiet?: boolean
}

/** A mutation or the start of a job; makes stale what the contract says. A job does so again at its end. */
export function useMutationOperation<N extends MutationName | JobName>(
  name: N,
  options: MutationOptions = {},
): UseMutationResult<OutputOf<N>, AppError, InputOf<N>> {
  return useMutation<OutputOf<N>, AppError, InputOf<N>>({
    mutationFn: input => client.call(name, input),
    onSuccess: () => void invalidateAfter(name),
    ...(options.isQuiet === true ? {} : { onError: notifyError }),
  })
}
