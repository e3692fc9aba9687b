import { Portal } from '@mantine/core'
import { useEffect, useState } from 'react'
import { formatLocal, formatUtc, parseInstant } from '../lib/time.ts'
import classes from './tip-layer.module.css'

const DELAY_MS = 350
/** Marks an element whose tip only repeats its text: wanted where that is cut. */
export const TIP_IF_CUT = { 'data-tip-if-cut': true } as const

const GAP = 6
const EDGE = 8

interface Tip {
  text: string
  rect: DOMRect
}

/**
 * One tooltip for everything that says `data-tip` (a text) or `data-tip-time` (ISO 8601). Grids hold thousands of such
 * elements; a tooltip of its own for each would cost more than the rows.
 */
export function TipLayer() {
  const [tip, setTip] = useState<Tip>()
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    let current: Element | null = null
    const over = (event: MouseEvent) => {
      const target = event.target instanceof Element ? event.target.closest('[data-tip], [data-tip-time]') : null
      if (target === current) return
      hide()
      current = target
      if (target !== null) timer = setTimeout(() => show(target), DELAY_MS)
    }
    const show = (target: Element) => {
      const text = textOf(target)
      if (text !== undefined && target.isConnected) setTip({ text, rect: target.getBoundingClientRect() })
    }
    const hide = () => {
      clearTimeout(timer)
      current = null
      setTip(undefined)
    }
    document.addEventListener('mouseover', over)
    document.addEventListener('scroll', hide, true)
    document.addEventListener('keydown', hide, true)
    document.addEventListener('mousedown', hide, true)
    return () => {
      hide()
      document.removeEventListener('mouseover', over)
      document.removeEventListener('scroll', hide, true)
      document.removeEventListener('keydown', hide, true)
      document.removeEventListener('mousedown', hide, true)
    }
  }, [])
  if (tip === undefined) return null
  return (
    <Portal>
      <div role="tooltip" className={classes.tip} ref={element => place(element, tip.rect)}>
        {tip.text}
      </div>
    </Portal>
  )
}

function textOf(target: Element): string | undefined {
  if (target.hasAttribute('data-tip-if-cut') && !isCut(target.querySelector('.truncate'))) return undefined
  const text = target.getAttribute('data-tip')
  if (text !== null) return text
  const date = parseInstant(target.getAttribute('data-tip-time') ?? '')
  return date === undefined ? undefined : `${formatLocal(date)} here\n${formatUtc(date)}`
}

const isCut = (text: Element | null): boolean => text !== null && text.scrollWidth > text.clientWidth

/** Under its element, or over it where there is no room; never outside of the window. */
function place(element: HTMLElement | null, target: DOMRect): void {
  if (element === null) return
  const { width, height } = element.getBoundingClientRect()
  const isRoomBelow = target.bottom + GAP + height < window.innerHeight - EDGE
  const left = Math.min(Math.max(target.left, EDGE), window.innerWidth - width - EDGE)
  element.style.left = `${left}px`
  element.style.top = `${isRoomBelow ? target.bottom + GAP : target.top - GAP - height}px`
}
