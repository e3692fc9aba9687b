/** Height of a row and of the header, in pixels. */
export const ROW_HEIGHT = 32
/** Height of a header whose columns have a second line. */
export const TALL_HEADER_HEIGHT = 46

export type SortDirection = 'asc' | 'desc'
export interface GridSort {
  key: string
  direction: SortDirection
}

export interface GridColumn<Row> {
  id: string
  title: string
  /** Said with the title on hover: the type, what it means. */
  hint?: string | undefined
  /** A small icon before the title. */
  mark?: React.ReactNode
  /** Second line of the header, under the title. */
  detail?: React.ReactNode
  /** Pixels at first; people change it. */
  width: number
  /** Takes its part of the room that is left. */
  canGrow?: boolean | undefined
  /** Numbers and sizes end at the right. */
  isEnd?: boolean | undefined
  /** The key to sort by; absent where the server cannot. */
  sortKey?: string | undefined
  render: (row: Row) => React.ReactNode
  /** What Ctrl+C puts on the clipboard; null where there is nothing to copy. */
  copyText?: ((row: Row) => string | null) | undefined
}

/** Where the keyboard is; row −1 is the header. */
export interface GridPosition {
  row: number
  column: number
}

export const HEADER_ROW = -1

/** First and last of some rows or columns in a row, both included. */
export interface GridRange {
  first: number
  last: number
}

/** What a screen can do to its grid. */
export interface GridHandle {
  /** Moves the keyboard there and brings it into view. */
  goTo(position: GridPosition): void
  scrollToTop(): void
  focus(): void
}
