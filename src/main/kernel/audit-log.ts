import { appendFile, mkdir, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AuditEntry } from '#shared/contract/audit.ts'

export interface AuditFilter {
  environmentId?: string | undefined
  tenantId?: string | undefined
  limit: number
  cursor?: string | undefined
}

/** What was done from this console: one JSON line each in `audit/<year>-<month>.jsonl`, only ever appended. */
export class AuditLog {
  private readonly folder: string
  private tail: Promise<void> = Promise.resolve()

  constructor(folder: string) {
    this.folder = folder
  }

  /** Rejects when the entry could not be written: an act that cannot be recorded is reported as such. */
  append(entry: AuditEntry): Promise<void> {
    const write = this.tail.then(async () => {
      await mkdir(this.folder, { recursive: true, mode: 0o700 })
      await appendFile(join(this.folder, `${entry.at.slice(0, 7)}.jsonl`), `${JSON.stringify(entry)}\n`, {
        mode: 0o600,
      })
    })
    this.tail = write.catch(() => undefined)
    return write
  }

  /** The latest first. The cursor is the id of the last entry of the page before. */
  async list(filter: AuditFilter): Promise<{ items: AuditEntry[]; nextCursor: string | null }> {
    await this.tail
    const items: AuditEntry[] = []
    let isPastCursor = filter.cursor === undefined
    for (const file of await this.files()) {
      const lines = (await readFile(join(this.folder, file), 'utf8')).split('\n').reverse()
      for (const line of lines) {
        const entry = parse(line)
        if (entry === undefined) continue
        if (isPastCursor && matches(entry, filter)) items.push(entry)
        if (entry.id === filter.cursor) isPastCursor = true
        if (items.length > filter.limit) return { items: items.slice(0, -1), nextCursor: items.at(-2)?.id ?? null }
      }
    }
    return { items, nextCursor: null }
  }

  private async files(): Promise<string[]> {
    const names = await readdir(this.folder).catch(() => [])
    return names
      .filter(name => /^\d{4}-\d{2}\.jsonl$/.test(name))
      .sort()
      .reverse()
  }
}

const matches = (entry: AuditEntry, filter: AuditFilter): boolean =>
  (filter.environmentId === undefined || entry.environmentId === filter.environmentId) &&
  (filter.tenantId === undefined || entry.tenantId === filter.tenantId)

function parse(line: string): AuditEntry | undefined {
  if (line === '') return undefined
  try {
    return AuditEntry.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}
