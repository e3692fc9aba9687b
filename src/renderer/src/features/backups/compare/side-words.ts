/** How the two sides of a comparison are called where it is shown. */
export interface SideWords {
  left: string
  right: string
  leftRows: string
  rightRows: string
  onlyLeft: string
  onlyRight: string
}

export const ARCHIVE_AND_LIVE: SideWords = {
  left: 'Archive',
  right: 'Live',
  leftRows: 'Archive rows',
  rightRows: 'Live rows',
  onlyLeft: 'Only archive',
  onlyRight: 'Only live',
}

export const KEPT_AND_LIVE: SideWords = {
  left: 'Kept',
  right: 'Live',
  leftRows: 'Kept rows',
  rightRows: 'Live rows',
  onlyLeft: 'Only kept',
  onlyRight: 'Only live',
}

export const TWO_ARCHIVES: SideWords = {
  left: 'This archive',
  right: 'Other archive',
  leftRows: 'Rows here',
  rightRows: 'Rows there',
  onlyLeft: 'Only here',
  onlyRight: 'Only there',
}
