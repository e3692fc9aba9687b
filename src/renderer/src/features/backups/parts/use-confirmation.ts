import { useEnvironment } from '../../../app/environment.tsx'
import type { Confirmed } from '../../../components/ConfirmDialog.tsx'

/** What a dialog has to ask for in this environment, and what it sends of it. */
export function useConfirmation() {
  const environment = useEnvironment()
  const isProduction = environment.class === 'production'
  return {
    isProduction,
    reason: isProduction ? ('required' as const) : ('none' as const),
    /** The kernel takes an absent reason, but no empty one. */
    of: ({ typed, reason }: Confirmed) => ({ typed, ...(reason === '' ? {} : { reason }) }),
  }
}
