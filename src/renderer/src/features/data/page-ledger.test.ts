import { describe, expect, it } from 'vitest'
import {
  cursorOf,
  EMPTY_LEDGER,
  hasMore,
  isComplete,
  knownRows,
  MAX_ROWS,
  type PageLedger,
  pagesFor,
  pagesToKeep,
  recordPage,
  shownRows,
} from './page-ledger.ts'

const page = (count: number, nextCursor: string | null, lastSeen = 0) => ({ count, nextCursor, lastSeen })

/** `pages` pages of `size` rows; page n begins after cursor `c<n>`. */
function ledgerOf(pages: number, size = 200): PageLedger {
  let ledger = EMPTY_LEDGER
  for (let index = 0; index < pages; index += 1) ledger = recordPage(ledger, index, page(size, `c${index + 1}`))
  return ledger
}

describe('recordPage', () => {
  it('starts each page where the one before ends, whatever their lengths', () => {
    let ledger = recordPage(EMPTY_LEDGER, 0, page(200, 'c1'))
    ledger = recordPage(ledger, 1, page(37, 'c2'))
    ledger = recordPage(ledger, 2, page(5, null))
    expect(ledger.pages).toEqual([
      { cursor: undefined, start: 0, count: 200 },
      { cursor: 'c1', start: 200, count: 37 },
      { cursor: 'c2', start: 237, count: 5 },
    ])
    expect(knownRows(ledger)).toBe(242)
    expect(hasMore(ledger)).toBe(false)
  })

  it('keeps the ledger itself when a page comes back as it was', () => {
    const ledger = ledgerOf(3)
    expect(recordPage(ledger, 1, page(200, 'c2'))).toBe(ledger)
    expect(recordPage(ledger, 2, page(200, 'c3'))).toBe(ledger)
  })

  it('forgets what lay behind a page that came back different', () => {
    const ledger = recordPage(ledgerOf(5), 1, page(200, 'other', 390))
    expect(ledger.pages).toHaveLength(2)
    expect(cursorOf(ledger, 2)).toBe('other')
  })

  it('keeps what is on screen in its place until it is read again', () => {
    const cut = recordPage(ledgerOf(5), 1, page(200, 'other', 610))
    expect(knownRows(cut)).toBe(400)
    expect(shownRows(cut)).toBe(611)
    expect(pagesFor(cut, { first: 580, last: 610 })).toEqual([2])
    const end = recordPage(cut, 2, page(50, null, 610))
    expect(shownRows(end)).toBe(450)
  })

  it('ignores a page that nobody knows the place of', () => {
    const ledger = ledgerOf(2)
    expect(recordPage(ledger, 7, page(200, 'c8'))).toBe(ledger)
  })

  it('takes an empty table as its end', () => {
    const ledger = recordPage(EMPTY_LEDGER, 0, page(0, null))
    expect(shownRows(ledger)).toBe(0)
    expect(hasMore(ledger)).toBe(false)
    expect(isComplete(ledger)).toBe(true)
    expect(pagesFor(ledger, { first: 0, last: 100 })).toEqual([0])
  })
})

describe('pagesFor', () => {
  it('asks for the first page of what is not known yet', () => {
    expect(pagesFor(EMPTY_LEDGER, { first: 0, last: 0 })).toEqual([0])
  })

  it('names the pages that the rows lie in', () => {
    const ledger = ledgerOf(10)
    expect(pagesFor(ledger, { first: 0, last: 199 })).toEqual([0])
    expect(pagesFor(ledger, { first: 199, last: 200 })).toEqual([0, 1])
    expect(pagesFor(ledger, { first: 800, last: 1_399 })).toEqual([4, 5, 6])
  })

  it('adds the next page where the rows reach the end of what is known', () => {
    const ledger = ledgerOf(3)
    expect(pagesFor(ledger, { first: 450, last: 599 })).toEqual([2])
    expect(pagesFor(ledger, { first: 450, last: 600 })).toEqual([2, 3])
    expect(pagesFor(ledger, { first: 5_000, last: 5_100 })).toEqual([3])
  })

  it('adds none after the last page, nor beyond what a browser can lay out', () => {
    const end = recordPage(ledgerOf(2), 2, page(3, null))
    expect(pagesFor(end, { first: 390, last: 900 })).toEqual([1, 2])
    const full = ledgerOf(MAX_ROWS / 1_000, 1_000)
    expect([hasMore(full), isComplete(full)]).toEqual([false, false])
    expect(pagesFor(full, { first: MAX_ROWS - 10, last: MAX_ROWS + 10 })).toEqual([MAX_ROWS / 1_000 - 1])
  })
})

describe('pagesToKeep', () => {
  it('keeps all while they are few', () => {
    expect([...pagesToKeep(ledgerOf(3), [1], 50)]).toEqual([undefined, 'c1', 'c2', 'c3'])
  })

  it('keeps those around what is wanted and never more than the limit', () => {
    const kept = pagesToKeep(ledgerOf(100), [50, 51], 10)
    expect(kept.size).toBe(10)
    expect(kept.has('c50')).toBe(true)
    expect(kept.has('c51')).toBe(true)
    expect(kept.has('c40')).toBe(false)
  })

  it.each([[[0]], [[0, 1]], [[99, 100]], [[100]]])('always keeps what is wanted: %j', wanted => {
    const ledger = ledgerOf(100)
    const kept = pagesToKeep(ledger, wanted, 10)
    expect(kept.size).toBe(10)
    for (const index of wanted) expect(kept.has(cursorOf(ledger, index))).toBe(true)
  })
})
