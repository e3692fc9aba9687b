/** Repeatable random choices: the same seed gives the same sequence on every machine. Not for secrets. */
export class Random {
  #state: number

  constructor(seed: string) {
    // FNV-1a over UTF-16 units spreads similar seeds ("acme", "acme2") over the whole state.
    let hash = 0x811c9dc5
    for (let i = 0; i < seed.length; i++) hash = Math.imul(hash ^ seed.charCodeAt(i), 0x01000193)
    this.#state = hash >>> 0
  }

  /** 32 random bits (splitmix32: a counter with a mixing function, period 2^32). */
  bits(): number {
    this.#state = (this.#state + 0x9e3779b9) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 16), 0x21f0aaad)
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97)
    return (mixed ^ (mixed >>> 15)) >>> 0
  }

  /** A whole number from `low` to `high`, both included. */
  integer(low: number, high: number): number {
    return low + Math.floor((this.bits() / 0x1_0000_0000) * (high - low + 1))
  }

  /** True in `percent` of a hundred cases. */
  chance(percent: number): boolean {
    return this.bits() / 0x1_0000_0000 < percent / 100
  }

  pick<T>(list: readonly T[]): T {
    const chosen = list[this.integer(0, list.length - 1)]
    if (chosen === undefined) throw new RangeError('Cannot pick from an empty list')
    return chosen
  }

  digits(count: number): string {
    return Array.from({ length: count }, () => this.integer(0, 9)).join('')
  }

  letters(count: number): string {
    return Array.from({ length: count }, () => String.fromCharCode(65 + this.integer(0, 25))).join('')
  }

  /** Shaped as a version 4 UUID. */
  uuid(): string {
    const hex = Array.from({ length: 4 }, () => this.bits().toString(16).padStart(8, '0')).join('')
    const variant = '89ab'[this.integer(0, 3)]
    return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
  }
}
