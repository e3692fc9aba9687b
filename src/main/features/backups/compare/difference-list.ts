/** Rows of one kind and table that can be looked at one by one; all are counted. 16 bytes each. */
export const LISTED_ROWS = 500_000

/** Places of rows in the order of their own side, each with the place of its partner. Memory is bounded by LISTED_ROWS. */
export class DifferenceList {
  /** All that were added. */
  count = 0
  private own = new Float64Array(0)
  private partner = new Float64Array(0)

  get listed(): number {
    return this.own.length
  }

  /** Takes rows that are in order among themselves. Partners are 0 where there is none. */
  merge(own: readonly number[], partner: readonly number[]): void {
    this.count += own.length
    if (own.length === 0) return
    const length = Math.min(this.own.length + own.length, LISTED_ROWS)
    const mergedOwn = new Float64Array(length)
    const mergedPartner = new Float64Array(length)
    let mine = 0
    let theirs = 0
    for (let index = 0; index < length; index++) {
      const isMine = theirs >= own.length || (this.own[mine] ?? Infinity) <= (own[theirs] ?? Infinity)
      mergedOwn[index] = (isMine ? this.own[mine] : own[theirs]) ?? 0
      mergedPartner[index] = (isMine ? this.partner[mine] : partner[theirs]) ?? 0
      if (isMine) mine++
      else theirs++
    }
    this.own = mergedOwn
    this.partner = mergedPartner
  }

  ownAt(index: number): number | undefined {
    return this.own[index]
  }

  /** Forgets what is behind the first `length`. */
  cut(length: number): void {
    this.own = this.own.slice(0, length)
    this.partner = this.partner.slice(0, length)
  }

  setPartner(index: number, partner: number): void {
    this.partner[index] = partner
  }

  toBytes(): Buffer {
    const bytes = Buffer.allocUnsafe(this.own.length * PAIR_BYTES)
    for (const [index, own] of this.own.entries()) {
      bytes.writeDoubleLE(own, index * PAIR_BYTES)
      bytes.writeDoubleLE(this.partner[index] ?? 0, index * PAIR_BYTES + 8)
    }
    return bytes
  }
}

export const PAIR_BYTES = 16

export interface Pair {
  own: number
  partner: number
}

export function pairsOf(bytes: Buffer): Pair[] {
  return Array.from({ length: Math.floor(bytes.length / PAIR_BYTES) }, (_, index) => ({
    own: bytes.readDoubleLE(index * PAIR_BYTES),
    partner: bytes.readDoubleLE(index * PAIR_BYTES + 8),
  }))
}
