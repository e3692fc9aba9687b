import { useEffect, useRef } from 'react'
import { create } from 'zustand'

export interface Shortcut {
  keys: string
  label: string
  run: () => void
}

interface ShortcutState {
  /** Of the screen that is shown; they end with it. */
  screen: readonly Shortcut[]
  isHelpOpen: boolean
}

export const useShortcutStore = create<ShortcutState>()(() => ({ screen: [], isHelpOpen: false }))

export const setShortcutsOpen = (isHelpOpen: boolean): void => useShortcutStore.setState({ isHelpOpen })

/** Gives the screen a shortcut; it is listed in the help and the palette. */
export function useShortcut(keys: string, label: string, run: () => void): void {
  const latest = useRef(run)
  useEffect(() => {
    latest.current = run
  })
  useEffect(() => {
    const shortcut: Shortcut = { keys, label, run: () => latest.current() }
    useShortcutStore.setState(({ screen }) => ({ screen: [...screen, shortcut] }))
    return () => useShortcutStore.setState(({ screen }) => ({ screen: screen.filter(other => other !== shortcut) }))
  }, [keys, label])
}
