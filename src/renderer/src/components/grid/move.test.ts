import { describe, expect, it } from 'vitest'
import { move } from './move.ts'

const grid = { rows: 100, columns: 5, page: 20, isCtrl: false }
const at = (row: number, column: number) => ({ row, column })

describe('move', () => {
  it('goes one cell with the arrows and stops at the edges', () => {
    expect(move(at(3, 2), 'ArrowDown', grid)).toEqual(at(4, 2))
    expect(move(at(99, 2), 'ArrowDown', grid)).toEqual(at(99, 2))
    expect(move(at(3, 0), 'ArrowLeft', grid)).toEqual(at(3, 0))
    expect(move(at(3, 4), 'ArrowRight', grid)).toEqual(at(3, 4))
  })

  it('reaches the header above the first row, and no further', () => {
    expect(move(at(0, 1), 'ArrowUp', grid)).toEqual(at(-1, 1))
    expect(move(at(-1, 1), 'ArrowUp', grid)).toEqual(at(-1, 1))
    expect(move(at(-1, 1), 'ArrowDown', grid)).toEqual(at(0, 1))
  })

  it('goes a page, to the ends of a row, and to the corners', () => {
    expect(move(at(10, 1), 'PageDown', grid)).toEqual(at(30, 1))
    expect(move(at(10, 1), 'PageUp', grid)).toEqual(at(0, 1))
    expect(move(at(10, 1), 'Home', grid)).toEqual(at(10, 0))
    expect(move(at(10, 1), 'End', grid)).toEqual(at(10, 4))
    expect(move(at(10, 1), 'Home', { ...grid, isCtrl: true })).toEqual(at(0, 0))
    expect(move(at(10, 1), 'End', { ...grid, isCtrl: true })).toEqual(at(99, 4))
  })

  it('stays in the header of an empty grid', () => {
    expect(move(at(-1, 0), 'ArrowDown', { ...grid, rows: 0 })).toEqual(at(-1, 0))
  })

  it('leaves other keys alone', () => {
    expect(move(at(0, 0), 'a', grid)).toBeUndefined()
  })
})
