import { useCallback, useMemo } from 'react'
import { useLocation, useSearch } from 'wouter'

type ViewState = Record<string, string | undefined>

/**
 * What a screen shows (search, filter, sort, selection) as part of its address, so that back, reload and a copied address
 * keep it. Setting an empty or undefined value removes it. Changes replace the address unless `push` is asked for.
 */
export function useViewState(): [URLSearchParams, (change: ViewState, options?: { push?: boolean }) => void] {
  const search = useSearch()
  const [path, navigate] = useLocation()
  const params = useMemo(() => new URLSearchParams(search), [search])
  const change = useCallback(
    (values: ViewState, options: { push?: boolean } = {}) => {
      const next = new URLSearchParams(search)
      for (const [name, value] of Object.entries(values)) {
        if (value === undefined || value === '') next.delete(name)
        else next.set(name, value)
      }
      const query = next.toString()
      navigate(query === '' ? path : `${path}?${query}`, { replace: options.push !== true })
    },
    [search, path, navigate],
  )
  return [params, change]
}
