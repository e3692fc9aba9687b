import { appendFile, mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import { JobSnapshot } from '#shared/contract/jobs.ts'

/** Job files kept; older ones are removed at the start of the console. */
const KEPT_FILES = 500

const JobLine = z.discriminatedUnion('type', [
  z.object({ type: z.literal('created'), pid: z.number(), machine: z.string(), job: JobSnapshot }),
  z.object({ type: z.literal('log'), at: z.string(), text: z.string() }),
  z.object({ type: z.literal('ended'), job: JobSnapshot }),
])
export type JobLine = z.infer<typeof JobLine>

/** One `jobs/<id>.jsonl` per job: its start, its log lines, its end. A file without an end belongs to a dead process. */
export class JobLog {
  private readonly folder: string
  private tail: Promise<void> = Promise.resolve()

  constructor(folder: string) {
    this.folder = folder
  }

  created(job: JobSnapshot): Promise<void> {
    return this.append(job.id, { type: 'created', pid: process.pid, machine: hostname(), job })
  }

  log(id: string, at: string, text: string): Promise<void> {
    return this.append(id, { type: 'log', at, text })
  }

  ended(job: JobSnapshot): Promise<void> {
    return this.append(job.id, { type: 'ended', job })
  }

  /** Waits until everything said so far is on disk. */
  async flush(): Promise<void> {
    await this.tail
  }

  /** Jobs of earlier runs, the latest first; those whose process died are closed as `interrupted`. */
  async recover(): Promise<JobSnapshot[]> {
    await mkdir(this.folder, { recursive: true, mode: 0o700 })
    const files = (await readdir(this.folder)).filter(name => name.endsWith('.jsonl'))
    const found: JobSnapshot[] = []
    for (const file of files) {
      const job = await this.recoverOne(join(this.folder, file))
      if (job !== undefined) found.push(job)
    }
    found.sort((a, b) => b.createdAt.localeCompare(a.createdAt))
    for (const old of found.splice(KEPT_FILES)) await rm(join(this.folder, `${old.id}.jsonl`), { force: true })
    return found
  }

  private async recoverOne(path: string): Promise<JobSnapshot | undefined> {
    const lines = (await readFile(path, 'utf8')).split('\n').flatMap(parseLine)
    const start = lines.find(line => line.type === 'created')
    if (start === undefined) return undefined
    const end = lines.findLast(line => line.type === 'ended')
    if (end !== undefined) return end.job
    if (start.machine === hostname() && isAlive(start.pid)) return { ...start.job, state: 'running' }
    const job: JobSnapshot = { ...start.job, state: 'interrupted', finishedAt: new Date().toISOString() }
    await this.ended(job)
    return job
  }

  private append(id: string, line: JobLine): Promise<void> {
    const text = `${JSON.stringify(line)}\n`
    // A log that cannot be written (full disk) must not fail the job itself.
    this.tail = this.tail
      .then(() => appendFile(join(this.folder, `${id}.jsonl`), text, { mode: 0o600 }))
      .catch(() => undefined)
    return this.tail
  }
}

function parseLine(text: string): JobLine[] {
  if (text === '') return []
  try {
    const parsed = JobLine.safeParse(JSON.parse(text))
    return parsed.success ? [parsed.data] : []
  } catch {
    // The last line of a killed process may be cut.
    return []
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
