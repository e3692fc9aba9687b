import { Button } from '@mantine/core'
import { Component, type ReactNode } from 'react'
import { AppError, isAppError } from '#shared/errors.ts'
import { ErrorPanel } from '../components/ErrorPanel.tsx'
import { Screen } from '../components/Screen.tsx'

interface BoundaryState {
  error: unknown
  address: string
}

/** A screen that breaks leaves the rest of the console in use; going to another address starts afresh. */
export class ScreenBoundary extends Component<{ children: ReactNode }, BoundaryState> {
  override state: BoundaryState = { error: undefined, address: window.location.hash }

  static getDerivedStateFromError(error: unknown): BoundaryState {
    return { error: error ?? new Error('unknown'), address: window.location.hash }
  }

  override componentDidMount(): void {
    window.addEventListener('hashchange', this.forget)
    window.addEventListener('popstate', this.forget)
  }

  override componentWillUnmount(): void {
    window.removeEventListener('hashchange', this.forget)
    window.removeEventListener('popstate', this.forget)
  }

  override componentDidUpdate(): void {
    if (this.state.error !== undefined && this.state.address !== window.location.hash) this.forget()
  }

  private readonly forget = () => this.setState({ error: undefined, address: window.location.hash })

  override render(): ReactNode {
    const { error } = this.state
    if (error === undefined) return this.props.children
    const shown = isAppError(error) ? error : strangerOf(error)
    return (
      <Screen title="Something went wrong">
        <ErrorPanel
          error={shown}
          onRetry={this.forget}
          actions={
            <Button variant="default" onClick={() => window.location.reload()}>
              Load the console again
            </Button>
          }
        />
      </Screen>
    )
  }
}

/** Browsers have no error class of their own for a file of the page that could not be fetched. */
const LOAD_FAILURE = /dynamically imported module|preload CSS|importing a module/i

function strangerOf(error: unknown): AppError {
  if (error instanceof Error && LOAD_FAILURE.test(error.message)) {
    return new AppError('CONNECTION_FAILED', 'This screen could not be loaded.', {
      hint: 'The console may be away for a moment. When it is back, load the console again.',
    })
  }
  return new AppError('INTERNAL', 'This screen met something unexpected.', {
    hint: 'The other screens still work. If it happens again, load the console again.',
  })
}
