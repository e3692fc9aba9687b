const MEBIBYTE = 2 ** 20

/** S3's own limit: https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html */
export const MAXIMUM_PARTS = 10_000
/** What the parts of one stream may hold together, in flight and being filled, as long as a single one is not larger. */
export const MEMORY_BYTES = 32 * MEBIBYTE

/**
 * Parts up to this number have this size. The first 82 GiB stay within MEMORY_BYTES; 10,000 parts of that size would end at
 * 312 GiB, so later parts are larger, one at a time. All parts together hold 394 GiB (423 GB).
 * Servers that want parts of one size (Cloudflare R2) end at the first step, at 19 GiB.
 */
const STEPS = [
  { upTo: 2_500, bytes: 8 * MEBIBYTE },
  { upTo: 3_500, bytes: 16 * MEBIBYTE },
  { upTo: 5_000, bytes: 32 * MEBIBYTE },
  { upTo: MAXIMUM_PARTS, bytes: 64 * MEBIBYTE },
] as const

/** Bytes of the part with this number, from 1. */
export const partBytes = (part: number): number => STEPS.find(step => part <= step.upTo)?.bytes ?? 64 * MEBIBYTE

const FIRST_BYTES = 64 * 1_024

/** Bytes on their way into one part. Grows as it fills: most objects are far smaller than a part. */
export class PartBuffer {
  private readonly size: number
  private bytes: Buffer
  private used = 0

  /** The memory may be that of a part that has been sent. */
  constructor(size: number, memory?: Buffer) {
    this.size = size
    this.bytes = memory?.byteLength === size ? memory : Buffer.allocUnsafeSlow(Math.min(size, FIRST_BYTES))
  }

  get isFull(): boolean {
    return this.used === this.size
  }

  get content(): Buffer {
    return this.bytes.subarray(0, this.used)
  }

  get memory(): Buffer {
    return this.bytes
  }

  /** Takes what fits; resolves to what is left of the chunk. */
  take(chunk: Uint8Array): Uint8Array {
    const taken = Math.min(chunk.byteLength, this.size - this.used)
    this.makeRoom(this.used + taken)
    this.bytes.set(chunk.subarray(0, taken), this.used)
    this.used += taken
    return chunk.subarray(taken)
  }

  private makeRoom(wanted: number): void {
    if (wanted <= this.bytes.byteLength) return
    const larger = Buffer.allocUnsafeSlow(Math.min(this.size, Math.max(wanted, 2 * this.bytes.byteLength)))
    this.bytes.copy(larger, 0, 0, this.used)
    this.bytes = larger
  }
}
