import { Input, SegmentedControl } from '@mantine/core'
import type { OutputOf } from '#shared/contract/index.ts'
import { Notice } from '../../components/Notice.tsx'
import classes from './environments.module.css'

interface SecretStorageProps {
  keychain: OutputOf<'app.info'>['keychain']
  value: 'keychain' | 'session'
  onChange: (value: 'keychain' | 'session') => void
}

/** Where passwords are kept. Never on disk in plain: without a keychain, only as long as the console runs. */
export function SecretStorage({ keychain, value, onChange }: SecretStorageProps) {
  return (
    <section className={classes.section} aria-label="Passwords">
      <div className={classes.sectionBody} style={{ paddingTop: 16 }}>
        <Input.Wrapper label="Passwords are kept">
          <div>
            <SegmentedControl
              aria-label="Passwords are kept"
              value={value}
              onChange={next => onChange(next === 'session' ? 'session' : 'keychain')}
              data={[
                { value: 'keychain', label: 'In the keychain of this computer', disabled: !keychain.available },
                { value: 'session', label: 'Only until the console ends' },
              ]}
            />
          </div>
        </Input.Wrapper>
        {!keychain.available && (
          <Notice meaning="warn">
            <strong>This computer has no usable keychain</strong>
            {keychain.reason === null ? '.' : `: ${keychain.reason}`} Passwords can be kept for this session only; after
            a restart they have to be entered again. They are never written to disk.
          </Notice>
        )}
      </div>
    </section>
  )
}
