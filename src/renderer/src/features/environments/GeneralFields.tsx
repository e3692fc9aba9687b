import { Input, Radio, SegmentedControl, Text, TextInput } from '@mantine/core'
import { ENVIRONMENT_CLASSES, type EnvironmentClass, ROLES, type Role } from '#shared/permissions.ts'
import { EnvironmentBadge } from '../../components/EnvironmentBadge.tsx'
import classes from './environment-form.module.css'

const CLASS_TEXT: Record<EnvironmentClass, string> = {
  development: 'For trying things. Asks only before a tenant is deleted.',
  staging: 'A copy people rely on. Asks only before a tenant is deleted.',
  production: 'Real people’s data. Every destructive step asks for the typed name and a reason.',
}

const ROLE_TEXT: Record<Role, string> = {
  support: 'Reads; personal data stays masked.',
  operator: 'Reads masked, and also makes and restores backups.',
  dba: 'Everything: provisioning, changes, deletion.',
}

interface GeneralFieldsProps {
  // biome-ignore lint/suspicious/noExplicitAny: Mantine's form declares its input properties like this.
  propsOf: (field: 'name' | 'class' | 'role') => any
  namePlaceholder?: string
}

/** What every environment has: a name, a class, and what the person may do in it. */
export function GeneralFields({ propsOf, namePlaceholder = 'HR production, Frankfurt' }: GeneralFieldsProps) {
  const environmentClass = propsOf('class')
  const role = propsOf('role')
  return (
    <>
      <TextInput label="Name" withAsterisk data-autofocus placeholder={namePlaceholder} {...propsOf('name')} />
      <Radio.Group
        label="Class"
        withAsterisk
        description="Shown on every screen; decides how much is asked before something is lost."
        value={environmentClass.value}
        onChange={environmentClass.onChange}
        error={environmentClass.error}
      >
        <div className={classes.choices} data-path="class">
          {ENVIRONMENT_CLASSES.map(value => (
            <Radio.Card key={value} value={value} className={classes.choice ?? ''} aria-label={value}>
              <span className={classes.choiceHead}>
                <EnvironmentBadge value={value} />
                <Radio.Indicator size="xs" />
              </span>
              <span className={classes.choiceText}>{CLASS_TEXT[value]}</span>
            </Radio.Card>
          ))}
        </div>
      </Radio.Group>
      <Input.Wrapper label="Your role here" labelElement="div" error={role.error}>
        <div>
          <SegmentedControl aria-label="Your role here" data={[...ROLES]} value={role.value} onChange={role.onChange} />
        </div>
        <Text size="xs" c="dimmed" mt={5}>
          {ROLE_TEXT[role.value as Role]}
        </Text>
      </Input.Wrapper>
    </>
  )
}
