import { ActionIcon, Button, Input, PasswordInput } from '@mantine/core'
import { IconKey, IconTrash } from '@tabler/icons-react'
import { useId, useRef } from 'react'
import type { Environment, StoreName } from '#shared/contract/environment.model.ts'
import { Notice } from '../../components/Notice.tsx'
import classes from './environment-form.module.css'
import { isKept, type SecretChange } from './environment-form.ts'

interface SecretFieldProps {
  store: StoreName
  label: string
  description?: string
  /** The saved environment; undefined for a new one. */
  environment: Environment | undefined
  value: SecretChange
  error: React.ReactNode
  onChange: (value: SecretChange) => void
}

/** A secret that can be written and never read: one that is kept is replaced, removed or left alone. */
export function SecretField({ store, label, description, environment, value, error, onChange }: SecretFieldProps) {
  const wasAsked = useRef(false)
  const id = useId()
  const isPresent = isKept(environment, store)
  if (isPresent && value.change !== 'set') {
    const replace = () => {
      wasAsked.current = true
      onChange({ change: 'set', value: '' })
    }
    return (
      <Input.Wrapper label={label} error={error} labelElement="div" id={id}>
        <Kept
          label={label}
          isRemoved={value.change === 'remove'}
          place={environment?.secrets[store] === 'session' ? 'For this session only' : 'Kept in the keychain'}
          onReplace={replace}
          onRemove={() => onChange({ change: 'remove', value: '' })}
          onKeep={() => onChange({ change: 'keep', value: '' })}
        />
      </Input.Wrapper>
    )
  }
  return (
    <div>
      <PasswordInput
        label={label}
        description={description}
        autoComplete="new-password"
        autoFocus={wasAsked.current}
        data-path={`secrets.${store}`}
        maxLength={4_096}
        value={value.value}
        error={error}
        onChange={event => onChange({ change: 'set', value: event.currentTarget.value })}
        visibilityToggleButtonProps={{ 'aria-label': `Show or hide: ${label}` }}
      />
      {environment?.secrets[store] === 'missing' && value.value === '' && (
        <div style={{ marginTop: 8 }}>
          <Notice meaning="warn">
            <strong>{label} is missing.</strong> It is no longer in the keychain, or was kept for an earlier session
            only. Enter it again.
          </Notice>
        </div>
      )}
      {isPresent && (
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          mt={4}
          onClick={() => onChange({ change: 'keep', value: '' })}
        >
          Keep the present one
        </Button>
      )}
    </div>
  )
}

interface KeptProps {
  label: string
  place: string
  isRemoved: boolean
  onReplace: () => void
  onRemove: () => void
  onKeep: () => void
}

function Kept({ label, place, isRemoved, onReplace, onRemove, onKeep }: KeptProps) {
  const button = { variant: 'subtle', color: 'gray', size: 'compact-sm' } as const
  return (
    <div className={classes.kept}>
      {isRemoved ? <IconTrash size={15} aria-hidden /> : <IconKey size={15} aria-hidden />}
      <span className={classes.keptText}>{isRemoved ? 'Removed when you save' : place}</span>
      {isRemoved ? (
        <Button {...button} aria-label={`Keep: ${label}`} onClick={onKeep}>
          Keep it
        </Button>
      ) : (
        <>
          <Button {...button} aria-label={`Replace: ${label}`} onClick={onReplace}>
            Replace
          </Button>
          <ActionIcon size={26} aria-label={`Remove: ${label}`} data-tip="Remove when saved" onClick={onRemove}>
            <IconTrash size={15} />
          </ActionIcon>
        </>
      )}
    </div>
  )
}
