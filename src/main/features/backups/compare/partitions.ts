import { type FileHandle, open, rm } from 'node:fs/promises'
import { DIGEST_BYTES, type Digest, ORDINAL_AT, RECORD_BYTES, ROW_AT } from './digest-records.ts'

const RECORDS_PER_PART = 400
const PART_BYTES = RECORDS_PER_PART * RECORD_BYTES
/** Records of a partition that are joined in memory at once; 2 MB. */
const AIM = 50_000
const MOST_PARTITIONS = 256
/** What one side may hold in memory before it goes to the disk. */
const SPILL_BYTES = 8 * 1024 * 1024

export const partitionCount = (rows: number): number => Math.min(Math.max(Math.ceil(rows / AIM), 1), MOST_PARTITIONS)

interface Part {
  bytes: Buffer | undefined
  length: number
  /** In the file, once it is there. */
  position: number
}

/** The records of one side, spread by their key; in memory while they are few, else in one file that only this user can read. */
export class Partitions {
  readonly count: number
  /** Records taken in until now: the ordinal of the next one. */
  rows = 0
  private readonly path: string
  private readonly parts: Part[][]
  private readonly filling: (Part | undefined)[]
  private unwritten: Part[] = []
  private file: FileHandle | undefined
  private fileBytes = 0

  constructor(path: string, count: number) {
    this.path = path
    this.count = count
    this.parts = Array.from({ length: count }, () => [])
    this.filling = new Array<undefined>(count).fill(undefined)
  }

  add(key: Digest, row: Digest): void {
    const partition = (key.charCodeAt(0) * 256 + key.charCodeAt(1)) % this.count
    const part = this.filling[partition] ?? this.begin(partition)
    const { bytes, length } = part
    if (bytes === undefined) return
    bytes.write(key, length, DIGEST_BYTES, 'latin1')
    bytes.write(row, length + ROW_AT, DIGEST_BYTES, 'latin1')
    bytes.writeDoubleLE(this.rows++, length + ORDINAL_AT)
    part.length += RECORD_BYTES
    if (part.length < PART_BYTES) return
    this.filling[partition] = undefined
    this.unwritten.push(part)
  }

  /** To be awaited every now and then between calls of `add`: keeps memory bounded. */
  async settle(): Promise<void> {
    if (this.unwritten.length * PART_BYTES < SPILL_BYTES && this.file === undefined) return
    this.file ??= await open(this.path, 'wx+', 0o600)
    for (const part of this.unwritten) {
      if (part.bytes === undefined) continue
      const { bytesWritten } = await this.file.write(part.bytes, 0, part.length, this.fileBytes)
      if (bytesWritten !== part.length) throw Object.assign(new Error('Written in part'), { code: 'ENOSPC' })
      part.position = this.fileBytes
      part.bytes = undefined
      this.fileBytes += part.length
    }
    this.unwritten = []
  }

  /** Records of one partition in the order of their ordinals, in pieces of whole records. */
  async *read(partition: number): AsyncGenerator<Buffer> {
    for (const part of this.parts[partition] ?? []) {
      if (part.bytes !== undefined) yield part.bytes.subarray(0, part.length)
      else if (this.file !== undefined) {
        const bytes = Buffer.allocUnsafeSlow(part.length)
        const { bytesRead } = await this.file.read(bytes, 0, part.length, part.position)
        if (bytesRead !== part.length) throw new Error('A temporary file of the comparison was cut short')
        yield bytes
      }
    }
  }

  records(partition: number): number {
    return (this.parts[partition] ?? []).reduce((total, part) => total + part.length / RECORD_BYTES, 0)
  }

  /** Frees what it holds, on the disk too. */
  async remove(): Promise<void> {
    const { file } = this
    this.file = undefined
    if (file === undefined) return
    await file.close()
    await rm(this.path, { force: true })
  }

  private begin(partition: number): Part {
    // Not from the shared pool: records are read through typed arrays, which must begin at multiples of their elements.
    const part: Part = { bytes: Buffer.allocUnsafeSlow(PART_BYTES), length: 0, position: 0 }
    this.filling[partition] = part
    this.parts[partition]?.push(part)
    return part
  }
}
