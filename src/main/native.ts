/** What a host can do beyond its page. Each host that has it implements it once; the kernel knows none of it. */

export interface Notifications {
  /** Shows a short message outside of the window. */
  show(message: { title: string; body: string }): void
}

export interface Question {
  message: string
  detail: string
  /** The button that does it; the other one is Cancel, and the default. */
  action: string
}

export interface Dialogs {
  /** Whether the person chose the action. */
  confirm(question: Question): Promise<boolean>
  /** As `confirm`, for what cannot wait: the whole host stands still until there is an answer. */
  confirmNow(question: Question): boolean
  /** For failures before there is a window that could show them. */
  showFailure(title: string, text: string): void
}
