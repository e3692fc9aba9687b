import { useEffect } from 'react'

/**
 * Gives the keyboard back to what had it before, when a dialog that is mounted opened goes away again: Mantine does so only
 * for dialogs that stay mounted.
 */
export function useFocusBack(): void {
  useEffect(() => {
    const before = document.activeElement
    return () => {
      // After the dialog's own elements are gone.
      setTimeout(() => {
        const isUsable = before instanceof HTMLElement && before.isConnected && before !== document.body
        const target = isUsable ? before : document.getElementById('main')
        if (document.activeElement === document.body) target?.focus({ preventScroll: true })
      })
    }
  }, [])
}
