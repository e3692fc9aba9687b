import type { JobSnapshot } from '#shared/contract/jobs.ts'
import { clean } from './print/text.ts'
import type { Terminal } from './terminal.ts'

const CLEAR_LINE = '\r\u001b[2K'
/** Without a person watching, progress is written down once per this part of the whole. */
const QUIET_SHARE = 0.1

/** Tells on standard error how a job gets on: each step once, new log lines, and progress in one line that is rewritten. */
export class JobReporter {
  private readonly terminal: Pick<Terminal, 'note' | 'isInteractive'>
  private stepsTold = 0
  private lastLog: string | undefined
  private shareTold = 0
  private hasLine = false

  constructor(terminal: Pick<Terminal, 'note' | 'isInteractive'>) {
    this.terminal = terminal
  }

  update(job: JobSnapshot): void {
    this.tellLog(job)
    for (const step of job.steps.slice(this.stepsTold)) {
      if (step.state === 'running') break
      this.stepsTold += 1
      const time = step.durationMs === null ? '' : ` (${Math.round(step.durationMs)} ms)`
      this.line(`${step.state === 'done' ? '✓' : '✗'} ${clean(step.name)}${time}`)
    }
    this.tellProgress(job)
  }

  end(): void {
    this.clear()
  }

  private tellLog({ log }: JobSnapshot): void {
    const key = (line: { at: string; text: string }) => `${line.at} ${line.text}`
    const known = log.findLastIndex(line => key(line) === this.lastLog)
    for (const line of log.slice(known + 1)) {
      this.line(`  ${clean(line.text)}`)
      this.lastLog = key(line)
    }
  }

  private tellProgress({ state, steps, progress }: JobSnapshot): void {
    const running = steps.find(step => step.state === 'running')
    const share = progress === null || !progress.total ? undefined : progress.done / progress.total
    if (!this.terminal.isInteractive) {
      if (progress === null || share === undefined || share < this.shareTold + QUIET_SHARE) return
      this.shareTold = share
      this.line(`  ${progress.done} of ${progress.total} ${clean(progress.unit)}`)
      return
    }
    const parts = [
      ...(state === 'cancelling' ? ['cancelling'] : []),
      ...(running === undefined ? [] : [clean(running.name)]),
      ...(progress === null
        ? []
        : [`${progress.done}${share === undefined ? '' : ` of ${progress.total}`} ${progress.unit}`]),
      ...(share === undefined ? [] : [`${Math.floor(share * 100)} %`]),
      ...(progress?.note ? [clean(progress.note)] : []),
    ]
    this.clear()
    if (parts.length === 0) return
    this.terminal.note(`… ${parts.join(' · ')}`)
    this.hasLine = true
  }

  private line(text: string): void {
    this.clear()
    this.terminal.note(`${text}\n`)
  }

  private clear(): void {
    if (this.hasLine) this.terminal.note(CLEAR_LINE)
    this.hasLine = false
  }
}
