import { throwIfCancelled } from '../../../connections/deadline.ts'
import { DifferenceList } from './difference-list.ts'
import { ORDINAL_AT, RECORD_BYTES } from './digest-records.ts'
import type { Partitions } from './partitions.ts'

const WORDS = RECORD_BYTES / 4
const DOUBLES = RECORD_BYTES / 8
const ORDINAL_DOUBLE = ORDINAL_AT / 8
/** Records of the left side that are held at once; a larger partition (rows without key that are all alike) is joined in turns. */
const BLOCK = 131_072

/** Outcomes of a left record beside the place of the changed row on the right. */
const UNMATCHED = -1
const EQUAL = -2

export interface Differences {
  onlyLeft: DifferenceList
  onlyRight: DifferenceList
  /** In the order of the left side. */
  changed: DifferenceList
}

/** Finds partners by key, each record at the most one. Memory: one block, and what the lists hold. */
export async function joinSides(left: Partitions, right: Partitions, signal: AbortSignal): Promise<Differences> {
  const found = { onlyLeft: new DifferenceList(), onlyRight: new DifferenceList(), changed: new DifferenceList() }
  for (let partition = 0; partition < left.count; partition++) {
    throwIfCancelled(signal)
    await joinPartition({ left, right, partition }, found)
  }
  return found
}

interface Place {
  left: Partitions
  right: Partitions
  partition: number
}

async function joinPartition({ left, right, partition }: Place, found: Differences): Promise<void> {
  const isTaken = new Uint8Array(right.records(partition))
  for await (const block of blocksOf(left.read(partition))) {
    const index = new BlockIndex(block)
    let place = 0
    for await (const piece of right.read(partition)) {
      const records = viewOf(piece)
      for (let at = 0; at < records.count; at++, place++) {
        if (isTaken[place] === 0 && index.match(records, at)) isTaken[place] = 1
      }
    }
    index.report(found)
  }
  const own: number[] = []
  let place = 0
  for await (const piece of right.read(partition)) {
    const records = viewOf(piece)
    for (let at = 0; at < records.count; at++) if (isTaken[place++] === 0) own.push(ordinalOf(records, at))
  }
  found.onlyRight.merge(own, [])
}

interface Records {
  words: Uint32Array
  doubles: Float64Array
  count: number
}

const viewOf = (bytes: Buffer): Records => ({
  words: new Uint32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4),
  doubles: new Float64Array(bytes.buffer, bytes.byteOffset, bytes.length / 8),
  count: bytes.length / RECORD_BYTES,
})

/** Written little-endian, as every processor that runs this reads it. */
const ordinalOf = (records: Records, at: number): number => records.doubles[at * DOUBLES + ORDINAL_DOUBLE] as number

async function* blocksOf(pieces: AsyncIterable<Buffer>): AsyncGenerator<Records> {
  let held: Buffer[] = []
  let bytes = 0
  for await (const piece of pieces) {
    held.push(piece)
    bytes += piece.length
    if (bytes < BLOCK * RECORD_BYTES) continue
    yield viewOf(joined(held, bytes))
    held = []
    bytes = 0
  }
  if (bytes > 0) yield viewOf(joined(held, bytes))
}

function joined(pieces: readonly Buffer[], bytes: number): Buffer {
  const whole = Buffer.allocUnsafeSlow(bytes)
  let position = 0
  for (const piece of pieces) position += piece.copy(whole, position)
  return whole
}

/** Left records by key, open addressing; records of one key are a chain, handed out in their order. */
class BlockIndex {
  private readonly block: Records
  private readonly mask: number
  /** First record of each slot's key, for comparing; -1 for an empty slot. */
  private readonly slots: Int32Array
  /** First record of the slot that has no partner yet. */
  private readonly heads: Int32Array
  private readonly next: Int32Array
  private readonly outcomes: Float64Array

  constructor(block: Records) {
    this.block = block
    const capacity = 2 ** Math.ceil(Math.log2(Math.max(block.count, 1) * 2))
    this.mask = capacity - 1
    this.slots = new Int32Array(capacity).fill(-1)
    this.heads = new Int32Array(capacity).fill(-1)
    this.next = new Int32Array(block.count).fill(-1)
    this.outcomes = new Float64Array(block.count).fill(UNMATCHED)
    for (let record = block.count - 1; record >= 0; record--) {
      const slot = this.slotOf(block, record)
      this.slots[slot] = record
      this.next[record] = this.heads[slot] as number
      this.heads[slot] = record
    }
  }

  match(records: Records, at: number): boolean {
    const slot = this.slotOf(records, at)
    const record = this.heads[slot] as number
    if (record === -1) return false
    this.heads[slot] = this.next[record] as number
    const isEqual = this.isSame({ records, at, record, from: 4 })
    this.outcomes[record] = isEqual ? EQUAL : ordinalOf(records, at)
    return true
  }

  report(found: Differences): void {
    const own: number[] = []
    const changed: number[] = []
    const partner: number[] = []
    for (let record = 0; record < this.block.count; record++) {
      const outcome = this.outcomes[record] as number
      if (outcome === EQUAL) continue
      const ordinal = ordinalOf(this.block, record)
      if (outcome === UNMATCHED) own.push(ordinal)
      else {
        changed.push(ordinal)
        partner.push(outcome)
      }
    }
    found.onlyLeft.merge(own, [])
    found.changed.merge(changed, partner)
  }

  /** The slot of this key, or the empty one where it would be. Digests are evenly spread: any of their words will do. */
  private slotOf(records: Records, at: number): number {
    let slot = (records.words[at * WORDS + 1] as number) & this.mask
    for (;;) {
      const record = this.slots[slot] as number
      if (record === -1 || this.isSame({ records, at, record, from: 0 })) return slot
      slot = (slot + 1) & this.mask
    }
  }

  private isSame({
    records,
    at,
    record,
    from,
  }: {
    records: Records
    at: number
    record: number
    from: number
  }): boolean {
    const theirs = at * WORDS + from
    const ours = record * WORDS + from
    const { words } = records
    const own = this.block.words
    return (
      words[theirs] === own[ours] &&
      words[theirs + 1] === own[ours + 1] &&
      words[theirs + 2] === own[ours + 2] &&
      words[theirs + 3] === own[ours + 3]
    )
  }
}
