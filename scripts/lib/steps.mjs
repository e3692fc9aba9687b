/** How quickstart and test talk: one line per step with its seconds, and one plain line for what is worth knowing. */

const SECONDS_COLUMN = 58
/** A step that takes longer says in between that it goes on. In ms. */
const STILL_RUNNING_MS = 10_000

/** An error that a person can act upon: shown without a stack. */
export class StepError extends Error {
  /**
   * @param {string} message What went wrong, in one sentence.
   * @param {string} [hint] What to do next.
   */
  constructor(message, hint) {
    super(message)
    this.name = 'StepError'
    this.hint = hint
  }
}

let isHushed = false

/** Nothing is said from now on: what still fails because a person gave up is no news. */
export function hush() {
  isHushed = true
}

/** @param {string} line */
export function say(line) {
  if (!isHushed) process.stderr.write(`${line}\n`)
}

/** @param {string} line */
export function note(line) {
  say(`  · ${line}`)
}

/** @param {number} milliseconds */
export function seconds(milliseconds) {
  return `${(milliseconds / 1000).toFixed(1)} s`
}

/**
 * The line of a step that is done.
 * @param {string} outcome
 * @param {number} milliseconds
 */
export function done(outcome, milliseconds) {
  say(`  ✓ ${outcome.padEnd(SECONDS_COLUMN)} ${seconds(milliseconds).padStart(7)}`)
}

/**
 * Runs one step and prints its line. The title is what is being done; the outcome, when the work returns one, replaces it.
 * @template T
 * @param {string} title
 * @param {(report: (outcome: string) => void) => T | Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(title, work) {
  const began = performance.now()
  const elapsed = () => performance.now() - began
  let outcome = title
  const timer = setInterval(() => note(`${title} … ${seconds(elapsed())}`), STILL_RUNNING_MS)
  try {
    const result = await work(text => {
      outcome = text
    })
    done(outcome, elapsed())
    return result
  } catch (error) {
    say(`  ✗ ${title.padEnd(SECONDS_COLUMN)} ${seconds(elapsed()).padStart(7)}`)
    throw error
  } finally {
    clearInterval(timer)
  }
}

/**
 * Prints an error and its hint. Stacks are for errors that nobody foresaw.
 * @param {unknown} error
 */
export function sayError(error) {
  const isKnown = error instanceof Error && 'hint' in error
  say('')
  say(isKnown ? error.message : error instanceof Error ? (error.stack ?? error.message) : String(error))
  if (isKnown && typeof error.hint === 'string') say(error.hint)
}
