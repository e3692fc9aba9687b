import type { ArchiveRow, Verification } from '#shared/contract/backup.model.ts'
import type { Meaning } from '../../../components/StateMark.tsx'

export interface Judgement {
  meaning: Meaning
  word: string
  /** One sentence more, for a tooltip. */
  detail: string
}

const DEPTH_WORDS: Record<Verification['depth'], string> = {
  hashes: 'every object read and its hash compared',
  restore: 'restored into a scratch schema and counted',
  drill: 'restored into a scratch schema in a drill',
}
export const depthWord = (depth: Verification['depth']): string =>
  ({ hashes: 'by hashes', restore: 'by a restore', drill: 'in a drill' })[depth]
export const depthSentence = (depth: Verification['depth']): string => DEPTH_WORDS[depth]

/** How far an archive can be trusted, in a word. */
export function judge(archive: Pick<ArchiveRow, 'state' | 'problem' | 'verified'>): Judgement {
  switch (archive.state) {
    case 'running':
      return { meaning: 'info', word: 'Being written', detail: 'A backup is at work on it now.' }
    case 'incomplete':
      return {
        meaning: 'warn',
        word: 'Incomplete',
        detail: archive.problem ?? 'It has no manifest: the backup that wrote it did not end.',
      }
    case 'damaged':
      return { meaning: 'bad', word: 'Damaged', detail: archive.problem ?? 'Its manifest cannot be trusted.' }
    case 'complete':
      return judgeVerification(archive.verified)
  }
}

function judgeVerification(verified: Verification | null): Judgement {
  if (verified === null) {
    return { meaning: 'quiet', word: 'Not verified', detail: 'Complete; nobody has read it back yet.' }
  }
  if (verified.outcome === 'failed') {
    return {
      meaning: 'bad',
      word: 'Failed verification',
      detail: verified.problems[0] ?? 'It could not be read back as it was written.',
    }
  }
  return { meaning: 'ok', word: 'Verified', detail: `Passed: ${depthSentence(verified.depth)}.` }
}

const STAMP = /backup_schema_(\d{4}-\d{2}-\d{2})T(\d{2})-(\d{2})-(\d{2})\/$/

/** When an archive was taken, by its name: ISO 8601 in UTC. */
export function stampOf(archive: string): string | undefined {
  const match = STAMP.exec(archive)
  return match === null ? undefined : `${match[1]}T${match[2]}:${match[3]}:${match[4]}Z`
}

/** Only whole archives can be opened, compared and restored. */
export const isUsable = (archive: Pick<ArchiveRow, 'state'>): boolean => archive.state === 'complete'
