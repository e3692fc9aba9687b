import type { ArchiveRow, Verification } from '#shared/contract/backup.model.ts'
import { StateMark } from '../../../components/StateMark.tsx'
import { Timestamp } from '../../../components/Timestamp.tsx'
import { depthWord, judge } from './archive-words.ts'
import classes from './parts.module.css'

type Judged = Pick<ArchiveRow, 'state' | 'problem' | 'verified'>

/** Whether an archive can be trusted, as colour and word. */
export function ArchiveMark({ archive, form = 'dot' }: { archive: Judged; form?: 'dot' | 'pill' }) {
  const { meaning, word, detail } = judge(archive)
  return (
    <span data-tip={detail}>
      <StateMark meaning={meaning} form={form} isBusy={archive.state === 'running'}>
        {word}
      </StateMark>
    </span>
  )
}

/** When an archive was verified and how; or that it was not. */
export function VerifiedText({ verified }: { verified: Verification | null }) {
  if (verified === null) return <span className={classes.soft}>never</span>
  return (
    <span className={verified.outcome === 'failed' ? classes.bad : undefined}>
      {verified.outcome === 'failed' && 'failed '}
      <Timestamp value={verified.at} /> <span className={classes.soft}>{depthWord(verified.depth)}</span>
    </span>
  )
}
