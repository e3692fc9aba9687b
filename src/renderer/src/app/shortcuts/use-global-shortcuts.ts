import { useEffect, useRef } from 'react'
import { useActions } from '../actions.ts'
import { matchKeys, pressed, SEQUENCE_MS } from './keys.ts'
import { type Shortcut, useShortcutStore } from './shortcut-store.ts'

/** Listens for the shortcuts of the console and of the screen, wherever the focus is. */
export function useGlobalShortcuts(): void {
  const actions = useActions()
  const latest = useRef(actions)
  useEffect(() => {
    latest.current = actions
  })
  useEffect(() => {
    let prefix = ''
    let timer: ReturnType<typeof setTimeout> | undefined
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'ArrowDown' && enterList()) return event.preventDefault()
      const press = event.defaultPrevented ? undefined : pressed(event)
      if (press === undefined || (isTyping(event.target) && !press.startsWith('mod+'))) return
      if (isBehindDialog() && !press.startsWith('mod+')) return
      const shortcuts = [...useShortcutStore.getState().screen, ...latest.current.flatMap(withKeys)]
      const answer = matchKeys(
        prefix,
        press,
        shortcuts.map(shortcut => shortcut.keys),
      )
      clearTimeout(timer)
      prefix = answer.kind === 'wait' ? answer.prefix : ''
      timer = setTimeout(() => {
        prefix = ''
      }, SEQUENCE_MS)
      if (answer.kind !== 'run') return
      event.preventDefault()
      shortcuts.find(shortcut => shortcut.keys === answer.keys)?.run()
    }
    window.addEventListener('keydown', onKeyDown)
    return () => {
      clearTimeout(timer)
      window.removeEventListener('keydown', onKeyDown)
    }
  }, [])
}

const withKeys = ({ keys, label, run }: { keys?: string | undefined; label: string; run: () => void }): Shortcut[] =>
  keys === undefined ? [] : [{ keys, label, run }]

/** Where nothing has the keyboard, the first arrow enters the list of the screen. */
function enterList(): boolean {
  const active = document.activeElement
  const list = document.querySelector<HTMLElement>('main [role="grid"]')
  if (list === null || isBehindDialog() || (active !== document.body && active?.id !== 'main')) return false
  list.focus({ preventScroll: true })
  return true
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select'))

const isBehindDialog = (): boolean => document.querySelector('[aria-modal="true"]') !== null
