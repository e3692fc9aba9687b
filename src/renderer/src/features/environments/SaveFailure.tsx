import { Button } from '@mantine/core'
import { z } from 'zod'
import type { AppError } from '#shared/errors.ts'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'

const KeychainDetails = z.object({ reason: z.literal('keychain') })

interface SaveFailureProps {
  title?: string
  error: AppError
  canKeepForSession: boolean
  onKeepForSession: () => void
}

/** Why nothing was saved; where the keychain is the reason, with the way around it. */
export function SaveFailure(props: SaveFailureProps) {
  const { title = 'The environment could not be saved', error, canKeepForSession, onKeepForSession } = props
  const isKeychain = canKeepForSession && KeychainDetails.safeParse(error.details).success
  return (
    <ErrorPanel
      error={error}
      title={title}
      actions={
        isKeychain && (
          <Button variant="default" onClick={onKeepForSession}>
            Keep the secrets for this session only
          </Button>
        )
      }
    />
  )
}
