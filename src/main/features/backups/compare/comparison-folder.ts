import { randomBytes } from 'node:crypto'
import { mkdir, open, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '#shared/errors.ts'
import { stringProperty } from '../../../connections/network-errors.ts'

const RUN = /^run-(\d+)-[0-9a-f]{12}$/
/** Folders of this process: its process id says nothing about which of them are in use. */
const own = new Set<string>()

/**
 * Where the comparisons of one running console rest. A console that ended without tidying up leaves its folder; the next one to start
 * removes what belongs to no living process.
 */
export class ComparisonFolder {
  private readonly base: string
  private readonly name = `run-${process.pid}-${randomBytes(6).toString('hex')}`
  private made: Promise<void> | undefined

  constructor(base: string) {
    this.base = base
    own.add(this.name)
  }

  async removeLeftovers(): Promise<void> {
    const names = await readdir(this.base).catch(() => [])
    for (const name of names) {
      const pid = RUN.exec(name)?.[1]
      if (pid !== undefined && !own.has(name) && !isAlive(Number(pid))) await this.removeEntry(name)
    }
  }

  /** Makes a folder that only this user can read. */
  async make(id: string): Promise<string> {
    this.made ??= mkdir(join(this.base, this.name), { recursive: true, mode: 0o700 }).then(() => undefined)
    await this.made
    const path = this.pathOf(id)
    await mkdir(path, { mode: 0o700 })
    return path
  }

  pathOf(id: string): string {
    return join(this.base, this.name, id)
  }

  async remove(id: string): Promise<void> {
    await rm(this.pathOf(id), { recursive: true, force: true })
  }

  async close(): Promise<void> {
    await this.made?.catch(() => undefined)
    await this.removeEntry(this.name)
    own.delete(this.name)
  }

  private async removeEntry(name: string): Promise<void> {
    await rm(join(this.base, name), { recursive: true, force: true })
  }
}

function isAlive(pid: number): boolean {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Somebody else's process lives too.
    return stringProperty(error, 'code') === 'EPERM'
  }
}

export const writePrivate = (path: string, bytes: Buffer): Promise<void> =>
  writeFile(path, bytes, { flag: 'wx', mode: 0o600 })

export async function readSlice(path: string, start: number, length?: number): Promise<Buffer> {
  const file = await open(path, 'r')
  try {
    const most = length ?? (await file.stat()).size - start
    const bytes = Buffer.alloc(Math.max(most, 0))
    const { bytesRead } = await file.read(bytes, 0, bytes.length, start)
    return bytes.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

/** What the file system says about this machine's own disk, as an error for a person. */
export function toDiskError(error: unknown): unknown {
  const code = stringProperty(error, 'code')
  if (code !== 'ENOSPC' && code !== 'EDQUOT') return error
  return new AppError('CONFLICT', 'The disk of this machine is full: the comparison needs space for temporary files.', {
    hint: 'Free space where the console keeps its data, then compare again. Nothing was changed.',
    retryable: true,
    cause: error,
  })
}
