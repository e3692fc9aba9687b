import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { IconKey } from '@tabler/icons-react'
import { useState } from 'react'
import { useMutationOperation } from '../../client/hooks.ts'
import { CopyButton } from '../../components/CopyButton.tsx'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { Notice } from '../../components/Notice.tsx'
import classes from './one-time-password.module.css'

interface OneTimePasswordProps {
  ticket: string
  email: string
  tenantName: string
}

/** The administrator's first password: fetched when asked for, shown once, forgotten after that. */
export function OneTimePassword({ ticket, email, tenantName }: OneTimePasswordProps) {
  const claim = useMutationOperation('jobs.claimSecret', { isQuiet: true })
  const [isKept, setKept] = useState(false)
  const keep = () => {
    setKept(true)
    // The mutation's cache is the last place that holds it.
    claim.reset()
  }
  if (isKept) return <Notice meaning="info">The one-time password of {email} was shown and is not kept here.</Notice>
  return (
    <div className={classes.panel}>
      <IconKey size={20} stroke={1.7} aria-hidden className={classes.icon} />
      <div className={classes.body}>
        <Text fw={600}>One-time password for {email}</Text>
        <Text size="sm" c="dimmed">
          It can be shown once. Hand it to the administrator, who changes it at the first sign-in.
        </Text>
        {claim.error !== null ? (
          <ErrorPanel error={claim.error} />
        ) : (
          <Button mt={10} variant="light" loading={claim.isPending} onClick={() => claim.mutate({ ticket })}>
            Show the password
          </Button>
        )}
      </div>
      <Modal
        opened={claim.data !== undefined}
        onClose={keep}
        title={`Password of ${tenantName}’s administrator`}
        closeOnEscape={false}
        closeOnClickOutside={false}
        withCloseButton={false}
      >
        <Stack gap={14}>
          <Text size="sm">
            For <strong>{email}</strong>. It is shown this one time: when this dialog closes, nobody can see it again.
          </Text>
          <div className={classes.secret}>
            <output className="mono" aria-label="One-time password">
              {claim.data?.value}
            </output>
            <CopyButton value={claim.data?.value ?? ''} label="Copy the password" size={30} />
          </div>
          <Group justify="flex-end">
            <Button onClick={keep}>I have kept it</Button>
          </Group>
        </Stack>
      </Modal>
    </div>
  )
}
