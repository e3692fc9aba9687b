import { ActionIcon, Button, Input, NumberInput, SegmentedControl, Stack, Switch, TextInput } from '@mantine/core'
import { IconPlus, IconX } from '@tabler/icons-react'
import { parseRedisUrl } from '#shared/environment-import.ts'
import { CertificateField } from './CertificateField.tsx'
import classes from './environment-form.module.css'
import { redisValues } from './environment-form.ts'
import type { StoreFieldsProps } from './field-props.ts'
import { SecretField } from './SecretField.tsx'
import { UrlField, type UrlOutcome } from './UrlField.tsx'

const MODES = [
  { value: 'single', label: 'One server' },
  { value: 'cluster', label: 'Cluster' },
]

export function RedisFields({ form, environment }: StoreFieldsProps) {
  const { redis } = form.getValues().stores
  const field = (name: string) => form.getInputProps(`stores.redis.${name}`)
  const fill = (url: string): UrlOutcome => {
    const parsed = parseRedisUrl(url)
    if (!parsed.ok) return parsed
    const { tls, ...settings } = redisValues(parsed.settings)
    form.setFieldValue('stores.redis', { ...settings, tls: { ...tls, ca: redis.tls.ca } })
    if (parsed.password !== undefined) form.setFieldValue('secrets.redis', { change: 'set', value: parsed.password })
    const password = parsed.password === undefined ? 'no password in it' : 'password taken over'
    return { ok: true, note: `Filled in: ${settings.nodes[0]?.host}, ${password}, ${tls.enabled ? 'TLS' : 'no TLS'}.` }
  }
  return (
    <>
      <UrlField label="Paste a connection URL" placeholder="rediss://user:password@host:6379/0" onUrl={fill} />
      <div>
        <SegmentedControl aria-label="Redis runs as" data={MODES} {...field('mode')} />
      </div>
      {redis.mode === 'cluster' ? (
        <ClusterNodes form={form} />
      ) : (
        <div className={classes.hostRow}>
          <TextInput
            label="Host"
            withAsterisk
            placeholder="cache.example.com"
            spellCheck={false}
            {...field('nodes.0.host')}
          />
          <NumberInput
            label="Port"
            withAsterisk
            hideControls
            allowDecimal={false}
            allowNegative={false}
            {...field('nodes.0.port')}
          />
        </div>
      )}
      <div className={classes.pair}>
        <TextInput
          label="User"
          description="ACL user; the default one when empty."
          autoComplete="off"
          spellCheck={false}
          {...field('user')}
        />
        <SecretField
          store="redis"
          label="Password"
          description="Empty where the server asks for none."
          environment={environment}
          value={form.getValues().secrets.redis}
          error={form.errors['secrets.redis']}
          onChange={value => form.setFieldValue('secrets.redis', value)}
        />
      </div>
      {redis.mode === 'single' && (
        <NumberInput label="Database number" w={160} min={0} max={15} allowDecimal={false} {...field('database')} />
      )}
      <Switch
        label="Encrypt with TLS; the server’s certificate is checked"
        {...form.getInputProps('stores.redis.tls.enabled', { type: 'checkbox' })}
      />
      {redis.tls.enabled && <CertificateField field={field('tls.ca')} />}
    </>
  )
}

/** Some nodes of the cluster; it names the others itself. */
function ClusterNodes({ form }: Pick<StoreFieldsProps, 'form'>) {
  const path = 'stores.redis.nodes'
  const { nodes } = form.getValues().stores.redis
  return (
    <Input.Wrapper
      label="Nodes"
      labelElement="div"
      withAsterisk
      description="Two or three are enough: the cluster names the others."
      error={form.errors[path]}
    >
      <Stack gap={8}>
        {nodes.map((_node, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the form knows nodes by their place.
          <div key={index} className={classes.nodeRow}>
            <TextInput
              aria-label={`Host of node ${index + 1}`}
              placeholder={`node-${index + 1}.example.com`}
              spellCheck={false}
              {...form.getInputProps(`${path}.${index}.host`)}
            />
            <NumberInput
              aria-label={`Port of node ${index + 1}`}
              hideControls
              allowDecimal={false}
              allowNegative={false}
              {...form.getInputProps(`${path}.${index}.port`)}
            />
            <ActionIcon
              aria-label={`Remove node ${index + 1}`}
              disabled={nodes.length === 1}
              onClick={() => form.removeListItem(path, index)}
            >
              <IconX size={15} />
            </ActionIcon>
          </div>
        ))}
        <div>
          <Button
            variant="default"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => form.insertListItem(path, { host: '', port: nodes.at(-1)?.port ?? 6_379 })}
          >
            Add a node
          </Button>
        </div>
      </Stack>
    </Input.Wrapper>
  )
}
