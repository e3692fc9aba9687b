import { useEffect } from 'react'
import { closePalette, setPaletteQuery, usePaletteState } from './palette-state.ts'

/** Marks the palette's field. */
export const PALETTE_FIELD = 'data-palette-field'

/**
 * Who knows the palette types on right after the shortcut: before its code is loaded, it is painted, or its field has the
 * keyboard. Until then the keys go to the palette's query instead of to whatever has the focus.
 */
export function useTypeAhead(): void {
  useEffect(() => {
    const onKeyDown = (event: KeyboardEvent) => {
      const { isOpen, query } = usePaletteState.getState()
      if (!isOpen || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return
      const field = document.querySelector<HTMLElement>(`[${PALETTE_FIELD}]`)
      // In the dialog every key has its own meaning.
      if (field?.closest('[role="dialog"]')?.contains(document.activeElement)) return
      const next = typed(query, event.key)
      if (next === undefined && event.key !== 'Escape') return
      event.preventDefault()
      event.stopPropagation()
      if (next === undefined) return closePalette()
      setPaletteQuery(next)
      field?.focus()
    }
    window.addEventListener('keydown', onKeyDown, true)
    return () => window.removeEventListener('keydown', onKeyDown, true)
  }, [])
}

/** The query after a key; undefined for a key that types nothing. Enter must not press what lies behind the palette. */
export function typed(query: string, key: string): string | undefined {
  if (key === 'Enter') return query
  if (key === 'Backspace') return query.slice(0, -1)
  return [...key].length === 1 ? query + key : undefined
}
