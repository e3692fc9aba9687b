import { Component, type ReactNode } from 'react'

/** Leaves out a part over the screens that cannot be shown, as when its file could not be loaded: the screens go on without it. */
export class QuietBoundary extends Component<{ children: ReactNode }, { hasFailed: boolean }> {
  override state = { hasFailed: false }

  static getDerivedStateFromError() {
    return { hasFailed: true }
  }

  override render() {
    return this.state.hasFailed ? null : this.props.children
  }
}
