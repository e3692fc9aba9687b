import { Button, Group, Loader, Switch } from '@mantine/core'
import { IconFlag, IconPlus, IconSettings } from '@tabler/icons-react'
import { Suspense, useState } from 'react'
import type { TenantFeature } from '#shared/contract/features.ts'
import type { TenantListRow } from '#shared/contract/tenant.model.ts'
import { useEnvironment, usePermission } from '../../app/environment.tsx'
import { lazyPart } from '../../app/lazy-part.ts'
import { useMutationOperation, useOperation } from '../../client/hooks.ts'
import { Empty } from '../../components/Empty.tsx'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { SkeletonRows } from '../../components/SkeletonRows.tsx'
import { Timestamp } from '../../components/Timestamp.tsx'
import classes from './features-tab.module.css'
import screen from './tenant-screen.module.css'

const FeatureDialog = lazyPart(() => import('./FeatureDialog.tsx'))

/** The feature flags of a tenant: a switch each, and a JSON configuration. */
export default function FeaturesTab({ tenant }: { tenant: TenantListRow }) {
  const environment = useEnvironment()
  const target = { environmentId: environment.id, tenantId: tenant.id }
  const features = useOperation('features.list', target)
  const permission = usePermission('features.set', environment)
  const [edited, setEdited] = useState<TenantFeature | 'new'>()
  const add = (
    <Button
      variant="default"
      leftSection={<IconPlus size={15} aria-hidden />}
      disabled={!permission.isAllowed}
      title={permission.reason}
      onClick={() => setEdited('new')}
    >
      Add a feature
    </Button>
  )
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section className={screen.scroll} tabIndex={0} aria-label="Features">
      {features.data === undefined ? (
        features.error === null ? (
          <SkeletonRows rows={5} columns={3} />
        ) : (
          <ErrorPanel
            error={features.error}
            title="The features could not be listed"
            onRetry={() => void features.refetch()}
          />
        )
      ) : features.data.length === 0 ? (
        <Empty
          icon={IconFlag}
          title="No features are set"
          description="A feature that is not set here has whatever the HR system gives everybody."
          actions={add}
        />
      ) : (
        <>
          <ul className={classes.list}>
            {features.data.map(feature => (
              <FeatureRow
                key={feature.feature}
                feature={feature}
                target={target}
                isLocked={!permission.isAllowed}
                onEdit={() => setEdited(feature)}
              />
            ))}
          </ul>
          <Group mt={12}>{add}</Group>
        </>
      )}
      <Suspense>
        {edited !== undefined && (
          <FeatureDialog
            target={target}
            feature={edited === 'new' ? undefined : edited}
            onClose={() => setEdited(undefined)}
          />
        )}
      </Suspense>
    </section>
  )
}

interface FeatureRowProps {
  feature: TenantFeature
  target: { environmentId: string; tenantId: string }
  isLocked: boolean
  onEdit: () => void
}

function FeatureRow({ feature, target, isLocked, onEdit }: FeatureRowProps) {
  const set = useMutationOperation('features.set')
  // The answer to the last change, until the list has caught up with it. Never what was only asked for.
  const answer = set.data
  const { enabled } = answer !== undefined && answer.updatedAt > feature.updatedAt ? answer : feature
  const isEmpty = Object.keys(feature.config).length === 0
  return (
    <li className={classes.row}>
      <Switch
        checked={enabled}
        disabled={isLocked}
        aria-label={feature.feature}
        aria-busy={set.isPending}
        thumbIcon={set.isPending ? <Loader size={10} aria-hidden /> : undefined}
        onChange={event => set.mutate({ ...target, feature: feature.feature, enabled: event.currentTarget.checked })}
      />
      <span className={`mono ${classes.name}`}>{feature.feature}</span>
      <span className={`mono truncate ${classes.config}`} title={JSON.stringify(feature.config)}>
        {isEmpty ? '' : JSON.stringify(feature.config)}
      </span>
      <span className={classes.time}>
        <Timestamp value={feature.updatedAt} />
      </span>
      <Button
        variant="subtle"
        color="gray"
        size="compact-sm"
        disabled={isLocked}
        leftSection={<IconSettings size={14} aria-hidden />}
        aria-label={`Configure ${feature.feature}`}
        onClick={onEdit}
      >
        Configure
      </Button>
    </li>
  )
}
