/** Prints one figure, or several that belong together. */
export interface Measurement {
  /** The names of its figures, for choosing it on the command line. */
  names: readonly string[]
  run: () => Promise<void>
}
