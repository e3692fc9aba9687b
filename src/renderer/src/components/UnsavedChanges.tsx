import { Text } from '@mantine/core'
import { useEffect, useEffectEvent, useRef, useState } from 'react'
import { ConfirmDialog } from './ConfirmDialog.tsx'

/**
 * Asks before a screen with unsaved changes is left: by a link, a shortcut, back and forward, or closing the page. For the
 * last one the question is the browser's, or the desktop host's.
 */
export function UnsavedChanges({ hasChanges }: { hasChanges: () => boolean }) {
  const [leave, setLeave] = useState<() => void>()
  const isLeaving = useRef(false)
  const mustAsk = useEffectEvent(() => !isLeaving.current && hasChanges())
  useEffect(() => {
    const onNavigate = (event: NavigateEvent) => {
      const { destination } = event
      if (!event.cancelable || !destination.sameDocument || isThisScreen(destination.url) || !mustAsk()) return
      event.preventDefault()
      setLeave(() => () => {
        if (event.navigationType === 'traverse') window.navigation.traverseTo(destination.key)
        else window.navigation.navigate(destination.url)
      })
    }
    window.navigation.addEventListener('navigate', onNavigate)
    return () => window.navigation.removeEventListener('navigate', onNavigate)
  }, [])
  useEffect(() => {
    const onUnload = (event: BeforeUnloadEvent) => {
      if (mustAsk()) event.preventDefault()
    }
    window.addEventListener('beforeunload', onUnload)
    return () => window.removeEventListener('beforeunload', onUnload)
  }, [])
  if (leave === undefined) return null
  return (
    <ConfirmDialog
      title="Leave without saving?"
      actionLabel="Leave without saving"
      keepLabel="Keep editing"
      isDestructive
      isRunning={false}
      error={null}
      onClose={() => setLeave(undefined)}
      onConfirm={() => {
        isLeaving.current = true
        leave()
      }}
    >
      <Text size="sm">What you changed on this screen has not been saved and will be lost.</Text>
    </ConfirmDialog>
  )
}

/** The same screen with another view of it is no leaving. */
function isThisScreen(url: string): boolean {
  const pathOf = (hash: string) => hash.split('?', 1)[0]
  return pathOf(new URL(url).hash) === pathOf(window.location.hash)
}
