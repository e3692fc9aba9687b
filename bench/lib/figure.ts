export type Unit = 'ms' | 'MB' | 'kB' | 'queries'

/** One measured figure. `ours` and `yardstick` are medians in the unit; the ratio is ours by yardstick. */
export interface Figure {
  name: string
  ours: number
  yardstick: number
  ratio: number
  unit: Unit
}

/** What a figure must keep to; none when it is only reported. */
export interface Target {
  /** Largest value of `ours`. */
  ours?: number
  /** Largest ratio. */
  ratio?: number
}

interface Measured {
  ours: number
  yardstick: number
}

/** Prints the figure as one JSON line on stdout, and the same with its verdict for people on stderr. */
export function report(name: string, unit: Unit, { ours, yardstick, ...target }: Measured & { target?: Target }): void {
  const figure: Figure = {
    name,
    ours: rounded(ours, 2),
    yardstick: rounded(yardstick, 2),
    ratio: rounded(ours / yardstick, 3),
    unit,
  }
  process.stdout.write(`${JSON.stringify(figure)}\n`)
  note(
    `${name}: ${figure.ours} ${unit}, yardstick ${figure.yardstick}, ratio ${figure.ratio}${verdict(figure, target.target)}`,
  )
}

/** Progress and remarks go to stderr; stdout holds figures only. */
export function note(line: string): void {
  process.stderr.write(`${line}\n`)
}

function verdict(figure: Figure, target: Target | undefined): string {
  if (target === undefined) return ''
  const limits = [
    ...(target.ours === undefined
      ? []
      : [{ text: `at most ${target.ours} ${figure.unit}`, isMet: figure.ours <= target.ours }]),
    ...(target.ratio === undefined
      ? []
      : [{ text: `ratio at most ${target.ratio}`, isMet: figure.ratio <= target.ratio }]),
  ]
  return limits.map(({ text, isMet }) => ` · ${text}: ${isMet ? 'met' : 'MISSED'}`).join('')
}

const rounded = (value: number, digits: number): number => Number(value.toFixed(digits))
