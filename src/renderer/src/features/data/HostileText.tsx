import { memo } from 'react'
import classes from './data-value.module.css'
import { visibleParts } from './visible-text.ts'

interface HostileTextProps {
  text: string
  /** `line`: everything on one line. `block`: line feeds break lines. */
  form?: 'line' | 'block'
}

/** Text that others wrote: never markup, and nothing in it hides, reorders or joins what is around it. */
export const HostileText = memo(function HostileText({ text, form = 'line' }: HostileTextProps) {
  const parts = visibleParts(text)
  const [only] = parts
  return (
    <bdi className={form === 'line' ? classes.line : classes.block}>
      {parts.length === 1 && typeof only === 'string'
        ? only
        : parts.map((part, index) =>
            typeof part === 'string' ? (
              part
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: parts of a text have no identity.
              <span key={index}>
                <Hidden mark={part.mark} name={part.name} />
                {part.isLineBreak && form === 'block' && '\n'}
              </span>
            ),
          )}
    </bdi>
  )
})

function Hidden({ mark, name }: { mark: string; name: string }) {
  return (
    <span className={classes.hidden} data-tip={name} role="img" aria-label={name}>
      {mark}
    </span>
  )
}
