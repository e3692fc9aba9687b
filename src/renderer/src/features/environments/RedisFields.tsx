import { Checkbox, Input, NumberInput, SegmentedControl, SimpleGrid, Textarea, TextInput } from '@mantine/core'
import { SecretField } from './SecretField.tsx'
import { type StoreFieldsProps, StoreSection } from './StoreSection.tsx'

const MODES = [
  { value: 'single', label: 'One server' },
  { value: 'cluster', label: 'Cluster' },
]

export function RedisFields({ form, tests, places }: StoreFieldsProps) {
  const { mode, tls } = form.values.redis
  const isCluster = mode === 'cluster'
  return (
    <StoreSection store="redis" form={form} tests={tests}>
      <Input.Wrapper label="Kind">
        <div>
          <SegmentedControl aria-label="Kind" data={MODES} {...form.getInputProps('redis.mode')} />
        </div>
      </Input.Wrapper>
      {isCluster ? (
        <Textarea
          label="Nodes"
          withAsterisk
          description="Some of them, one per line; the others are found from there."
          placeholder={'10.0.0.1:7000\n10.0.0.2:7000'}
          autosize
          minRows={3}
          classNames={{ input: 'mono' }}
          {...form.getInputProps('redis.nodes')}
        />
      ) : (
        <SimpleGrid cols={2} spacing={12}>
          <TextInput
            label="Host and port"
            withAsterisk
            placeholder="localhost:6379"
            {...form.getInputProps('redis.nodes')}
          />
          <NumberInput
            label="Database number"
            min={0}
            max={15}
            allowDecimal={false}
            {...form.getInputProps('redis.database')}
          />
        </SimpleGrid>
      )}
      <SimpleGrid cols={2} spacing={12}>
        <TextInput label="User" placeholder="default" autoComplete="off" {...form.getInputProps('redis.user')} />
        <SecretField store="redis" label="Password" form={form} places={places} />
      </SimpleGrid>
      <Checkbox label="Encrypted (TLS)" {...form.getInputProps('redis.tls', { type: 'checkbox' })} />
      {tls && (
        <Textarea
          label="Certificate authorities (PEM)"
          description="Left empty, those of the system are trusted."
          autosize
          minRows={3}
          maxRows={8}
          classNames={{ input: 'mono' }}
          {...form.getInputProps('redis.ca')}
        />
      )}
    </StoreSection>
  )
}
