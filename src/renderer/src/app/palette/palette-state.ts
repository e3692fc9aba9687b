import { create } from 'zustand'

interface PaletteState {
  isOpen: boolean
  /** The palette's code is loaded when it is asked for the first time. */
  wasAsked: boolean
}

export const usePaletteState = create<PaletteState>()(() => ({ isOpen: false, wasAsked: false }))

export const openPalette = (): void => usePaletteState.setState({ isOpen: true, wasAsked: true })
export const closePalette = (): void => usePaletteState.setState({ isOpen: false })
