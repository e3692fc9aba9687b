import { Anchor, Button, Checkbox, Group, Text, VisuallyHidden } from '@mantine/core'
import { IconStack2 } from '@tabler/icons-react'
import { useState } from 'react'
import { Link } from 'wouter'
import type { KeptSchema } from '#shared/contract/restore.model.ts'
import { useEnvironment, usePermission } from '../../../app/environment.tsx'
import { paths } from '../../../app/paths.ts'
import { useOperation } from '../../../client/hooks.ts'
import { Empty } from '../../../components/Empty.tsx'
import { StateMark } from '../../../components/StateMark.tsx'
import { Timestamp } from '../../../components/Timestamp.tsx'
import { formatBytes, formatPlural } from '../../../lib/format.ts'
import { DangerButton } from '../parts/DangerButton.tsx'
import parts from '../parts/parts.module.css'
import { sumCounts } from '../parts/sums.ts'
import { TableFrame } from '../parts/TableFrame.tsx'
import { Waiting } from '../parts/Waiting.tsx'
import { KEPT_WORDS, whyKept } from './kept-words.ts'
import { RemoveKeptDialog } from './RemoveKeptDialog.tsx'

/** Schemas that restores keep for undo or left over: they take room until somebody removes them. */
export default function KeptTab() {
  const environment = useEnvironment()
  const kept = useOperation('backups.kept', { environmentId: environment.id })
  const permission = usePermission('backups.removeKept', environment)
  const [chosen, setChosen] = useState<ReadonlySet<string>>(new Set())
  const [isAsking, setAsking] = useState(false)
  const schemas = kept.data ?? []
  const doomed = schemas.filter(({ schema }) => chosen.has(schema))
  const removable = schemas.filter(schema => whyKept(schema) === undefined)
  const expired = removable.filter(({ isExpired }) => isExpired)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section className={parts.scroll} tabIndex={0} aria-label="Kept schemas">
      {kept.data === undefined ? (
        <Waiting query={kept} title="The kept schemas could not be listed" />
      ) : schemas.length === 0 ? (
        <Empty
          icon={IconStack2}
          title="Nothing is kept"
          description="After a restore, what was live before stays here for a week, so that the restore can be undone."
        />
      ) : (
        <div className={parts.stack}>
          <Group justify="space-between">
            <Text size="sm" c="dimmed" className="numeric" role="status">
              {formatPlural(schemas.length, 'schema')},{' '}
              {formatBytes(sumCounts(schemas.map(({ sizeBytes }) => sizeBytes)).toString())} in the database
            </Text>
            <Group gap={8}>
              <Button
                variant="default"
                disabled={expired.length === 0}
                onClick={() => setChosen(new Set(expired.map(({ schema }) => schema)))}
              >
                Choose the {formatPlural(expired.length, 'expired one')}
              </Button>
              <DangerButton
                disabled={doomed.length === 0 || !permission.isAllowed}
                title={permission.reason}
                onClick={() => setAsking(true)}
              >
                Remove {doomed.length === 0 ? 'chosen' : doomed.length}…
              </DangerButton>
            </Group>
          </Group>
          <KeptTable schemas={schemas} chosen={chosen} onChoose={setChosen} />
        </div>
      )}
      {isAsking && (
        <RemoveKeptDialog schemas={doomed} onStart={() => setChosen(new Set())} onClose={() => setAsking(false)} />
      )}
    </section>
  )
}

interface KeptTableProps {
  schemas: readonly KeptSchema[]
  chosen: ReadonlySet<string>
  onChoose: (chosen: ReadonlySet<string>) => void
}

function KeptTable({ schemas, chosen, onChoose }: KeptTableProps) {
  const toggle = (name: string) => {
    const next = new Set(chosen)
    if (!next.delete(name)) next.add(name)
    onChoose(next)
  }
  return (
    <TableFrame label="Kept schemas">
      <thead>
        <tr>
          <th>
            <VisuallyHidden>Chosen</VisuallyHidden>
          </th>
          <th>What</th>
          <th>Tenant</th>
          <th>Schema</th>
          <th data-end="true">Size</th>
          <th>Kept until</th>
          <th>Made</th>
        </tr>
      </thead>
      <tbody>
        {schemas.map(schema => (
          <tr key={schema.schema} data-selected={chosen.has(schema.schema)}>
            <td style={{ width: 32 }}>
              <Checkbox
                aria-label={`Choose ${schema.schema}`}
                checked={chosen.has(schema.schema)}
                disabled={schema.isInUse}
                title={whyKept(schema)}
                onChange={() => toggle(schema.schema)}
              />
            </td>
            <td style={{ whiteSpace: 'nowrap' }}>
              <span data-tip={KEPT_WORDS[schema.kind].detail}>{KEPT_WORDS[schema.kind].what}</span>
            </td>
            <td>
              <KeptOwner schema={schema} />
            </td>
            <td>
              <span className={`mono ${parts.name}`} title={schema.schema}>
                {schema.schema}
              </span>
            </td>
            <td data-end="true">{formatBytes(schema.sizeBytes)}</td>
            <td style={{ whiteSpace: 'nowrap' }}>
              <Expiry schema={schema} />
            </td>
            <td>
              <Timestamp value={schema.createdAt} />
            </td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  )
}

function KeptOwner({ schema }: { schema: KeptSchema }) {
  const environment = useEnvironment()
  if (schema.slug === null || schema.tenantId === null) return <span className={parts.soft}>unknown</span>
  const href =
    schema.restoreId === null
      ? paths.tenant(environment.id, schema.tenantId, 'backups')
      : paths.restore(environment.id, schema.tenantId, schema.restoreId)
  return (
    <Anchor component={Link} href={href} className={`mono ${parts.name}`} style={{ maxWidth: 200 }} title={schema.slug}>
      {schema.slug}
    </Anchor>
  )
}

function Expiry({ schema }: { schema: KeptSchema }) {
  if (schema.isInUse) return <StateMark meaning="info">In use</StateMark>
  if (schema.isExpired) return <StateMark meaning="warn">Expired</StateMark>
  return <Timestamp value={schema.keptUntil} absent="no limit" />
}
