import { Group, Input, SegmentedControl, Select, TextInput } from '@mantine/core'
import { ENVIRONMENT_CLASSES, ROLES } from '#shared/permissions.ts'
import { EnvironmentBadge } from '../../components/EnvironmentBadge.tsx'
import classes from './environments.module.css'
import type { StoreFieldsProps } from './StoreSection.tsx'

const ROLE_WORDS = {
  support: 'support – reads, personal data masked',
  operator: 'operator – also backs up and restores',
  dba: 'dba – everything',
} as const

const CLASS_WORDS = {
  development: 'Nobody depends on it.',
  staging: 'A rehearsal for production.',
  production: 'Real people depend on it: every destructive step asks for the typed name and a reason.',
} as const

export function GeneralFields({ form }: Pick<StoreFieldsProps, 'form'>) {
  return (
    <section className={classes.section} aria-label="General">
      <div className={classes.sectionBody} style={{ paddingTop: 16 }}>
        <TextInput label="Name" withAsterisk autoFocus placeholder="HR production" {...form.getInputProps('name')} />
        <Group align="flex-start" gap={16} grow>
          <Input.Wrapper label="Class" description={CLASS_WORDS[form.values.class]} inputWrapperOrder={ORDER}>
            <div>
              <SegmentedControl
                aria-label="Class"
                data={ENVIRONMENT_CLASSES.map(value => ({ value, label: <EnvironmentBadge value={value} /> }))}
                {...form.getInputProps('class')}
              />
            </div>
          </Input.Wrapper>
          <Select
            label="Your role here"
            allowDeselect={false}
            data={ROLES.map(value => ({ value, label: ROLE_WORDS[value] }))}
            {...form.getInputProps('role')}
          />
        </Group>
      </div>
    </section>
  )
}

const ORDER: ('label' | 'input' | 'description' | 'error')[] = ['label', 'input', 'description', 'error']
