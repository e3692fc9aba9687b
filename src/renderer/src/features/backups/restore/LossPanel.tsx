import type { LossSentence } from './loss-words.ts'
import classes from './restore.module.css'

/** One sentence, large: what will be lost, with counts. */
export function LossPanel({ sentence, children }: { sentence: LossSentence; children?: React.ReactNode }) {
  return (
    <div className={classes.loss} data-lossless={sentence.isLossless} role="note">
      {sentence.loss}
      <small>{children}</small>
    </div>
  )
}
