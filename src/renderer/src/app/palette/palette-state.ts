import { create } from 'zustand'

interface PaletteState {
  isOpen: boolean
  /** The palette's code is loaded when it is asked for the first time. */
  wasAsked: boolean
  query: string
}

export const usePaletteState = create<PaletteState>()(() => ({ isOpen: false, wasAsked: false, query: '' }))

/** Opens with an empty field; where it is open already, what was typed stays. */
export const openPalette = (): void =>
  usePaletteState.setState(({ isOpen, query }) => ({ isOpen: true, wasAsked: true, query: isOpen ? query : '' }))
export const closePalette = (): void => usePaletteState.setState({ isOpen: false })
export const setPaletteQuery = (query: string): void => usePaletteState.setState({ query })
