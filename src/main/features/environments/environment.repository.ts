import { randomUUID } from 'node:crypto'
import { mkdir, open, readFile, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Environment, STORES } from '#shared/contract/environment.model.ts'
import { AppError } from '#shared/errors.ts'
import { withFileLock } from './file-lock.ts'

const FILE_NAME = 'environments.json'
const FILE_VERSION = 1

/** As an environment rests on disk: what it is, and where its secrets were put; never a secret. */
export const StoredEnvironment = Environment.extend({
  secrets: z.record(z.enum(STORES), z.enum(['none', 'keychain', 'session'])),
})
export type StoredEnvironment = z.infer<typeof StoredEnvironment>

const FileHead = z.object({ version: z.number().int() })
const FileContent = z.object({ version: z.literal(FILE_VERSION), environments: z.array(StoredEnvironment) })

const isSystemError = (error: unknown): boolean => typeof Reflect.get(Object(error), 'syscall') === 'string'

/**
 * All environments, in one JSON file. Every reading goes to the file, and every change is read-modify-write under a lock file,
 * so that a window and a command line keep each other's changes. A file that cannot be understood is never overwritten.
 */
export class EnvironmentRepository {
  private readonly folder: string
  private readonly path: string
  private parsed: { text: string; environments: readonly StoredEnvironment[] } = { text: '', environments: [] }

  constructor(dataDirectory: string) {
    this.folder = dataDirectory
    this.path = join(dataDirectory, FILE_NAME)
  }

  async all(): Promise<readonly StoredEnvironment[]> {
    const text = await this.text()
    if (text !== this.parsed.text) this.parsed = { text, environments: this.parse(text) }
    return this.parsed.environments
  }

  /** The edit gets the environments as they are now and returns them as they shall be. */
  async change(edit: (current: readonly StoredEnvironment[]) => readonly StoredEnvironment[]): Promise<void> {
    try {
      await mkdir(this.folder, { recursive: true, mode: 0o700 })
      await withFileLock(`${this.path}.lock`, async () => {
        const environments = edit(await this.all())
        await this.write(`${JSON.stringify({ version: FILE_VERSION, environments }, null, 2)}\n`)
      })
    } catch (error) {
      throw isSystemError(error) ? this.unwritable(error) : error
    }
  }

  private async text(): Promise<string> {
    try {
      return await readFile(this.path, 'utf8')
    } catch (error) {
      if (Reflect.get(Object(error), 'code') === 'ENOENT') return ''
      throw this.unreadable('cannot be read', error)
    }
  }

  private parse(text: string): StoredEnvironment[] {
    if (text === '') return []
    let content: unknown
    try {
      content = JSON.parse(text)
    } catch (error) {
      throw this.unreadable('is not valid JSON', error)
    }
    const head = FileHead.safeParse(content)
    if (head.success && head.data.version > FILE_VERSION) {
      throw new AppError('UNSUPPORTED', `${this.path} was written by a newer Tenantry.`, {
        hint: 'Update Tenantry. The file was left as it is.',
      })
    }
    const parsed = FileContent.safeParse(content)
    if (parsed.success) return parsed.data.environments
    throw this.unreadable('does not hold what it should', z.prettifyError(parsed.error))
  }

  private unreadable(what: string, cause: unknown): AppError {
    return new AppError('INTERNAL', `The settings file ${this.path} ${what}.`, {
      hint: 'Repair it or move it away; it was left as it is.',
      cause,
    })
  }

  private unwritable(cause: unknown): AppError {
    return new AppError('INTERNAL', `The settings file ${this.path} cannot be written.`, {
      hint: 'Check free space and permissions of its folder. Nothing was changed.',
      cause,
    })
  }

  private async write(text: string): Promise<void> {
    const temporary = `${this.path}.${randomUUID()}.tmp`
    try {
      const file = await open(temporary, 'wx', 0o600)
      try {
        await file.writeFile(text)
        await file.sync()
      } finally {
        await file.close()
      }
      await rename(temporary, this.path)
    } catch (error) {
      await unlink(temporary).catch(() => undefined)
      throw error
    }
    // Windows cannot flush a folder; elsewhere this makes the rename durable.
    if (process.platform === 'win32') return
    const folder = await open(this.folder, 'r')
    await folder.sync().finally(() => folder.close())
  }
}
