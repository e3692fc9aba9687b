import { useSyncExternalStore } from 'react'
import type { BaseLocationHook, BaseSearchHook } from 'wouter'

/**
 * Routes live in the fragment, path and query both (`#/jobs?state=failed`): the page has one file, whatever serves it.
 * wouter's own hash hook keeps the query outside of the fragment, where a host would see it.
 */

const split = (): [path: string, search: string] => {
  const [path = '', search = ''] = window.location.hash.replace(/^#?\/?/, '').split('?', 2)
  return [`/${path}`, search]
}

const listeners = new Set<() => void>()
const notify = () => {
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  if (listeners.size === 0) {
    window.addEventListener('hashchange', notify)
    window.addEventListener('popstate', notify)
  }
  listeners.add(listener)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    window.removeEventListener('hashchange', notify)
    window.removeEventListener('popstate', notify)
  }
}

export interface NavigateOptions {
  replace?: boolean
}

export function navigate(to: string, { replace = false }: NavigateOptions = {}): void {
  const url = `#${to.startsWith('/') ? to : `/${to}`}`
  if (url === window.location.hash) return
  window.history[replace ? 'replaceState' : 'pushState'](null, '', url)
  notify()
}

const useHashSearch: BaseSearchHook = () => useSyncExternalStore(subscribe, () => split()[1])

export const useHashLocation: BaseLocationHook = () => [useSyncExternalStore(subscribe, () => split()[0]), navigate]
useHashLocation.hrefs = href => `#${href}`
useHashLocation.searchHook = useHashSearch
