import { Button, Group, Text } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import type { OutputOf } from '#shared/contract/index.ts'
import type { TenantListRow } from '#shared/contract/tenant.model.ts'
import type { Json } from '#shared/json.ts'
import { useEnvironment } from '../../app/environment.tsx'
import { usePagedOperation } from '../../client/hooks.ts'
import { Empty } from '../../components/Empty.tsx'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { SkeletonRows } from '../../components/SkeletonRows.tsx'
import { Timestamp } from '../../components/Timestamp.tsx'
import { actionWords } from './action-words.ts'
import { changesOf } from './changes.ts'
import classes from './history-tab.module.css'
import screen from './tenant-screen.module.css'

type Entry = OutputOf<'tenants.history'>['items'][number]

/** What was done to a tenant, by whom and why; the latest first. */
export default function HistoryTab({ tenant }: { tenant: TenantListRow }) {
  const environment = useEnvironment()
  const history = usePagedOperation('tenants.history', {
    environmentId: environment.id,
    tenantId: tenant.id,
    limit: 50,
  })
  const entries = history.data?.pages.flatMap(page => page.items) ?? []
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section className={screen.scroll} tabIndex={0} aria-label="History">
      {history.data === undefined ? (
        history.error === null ? (
          <SkeletonRows rows={6} columns={2} />
        ) : (
          <ErrorPanel
            error={history.error}
            title="The history could not be read"
            onRetry={() => void history.refetch()}
          />
        )
      ) : entries.length === 0 ? (
        <Empty
          icon={IconHistory}
          title="No history yet"
          description="Every change to this tenant is written down here."
        />
      ) : (
        <ol className={classes.list}>
          {entries.map(entry => (
            <HistoryEntry key={entry.id} entry={entry} />
          ))}
        </ol>
      )}
      {history.hasNextPage && (
        <Group mt={12}>
          <Button variant="default" loading={history.isFetchingNextPage} onClick={() => void history.fetchNextPage()}>
            Show older entries
          </Button>
        </Group>
      )}
    </section>
  )
}

function HistoryEntry({ entry }: { entry: Entry }) {
  const changes = changesOf(entry.before, entry.after)
  return (
    <li className={classes.entry}>
      <div className={classes.head}>
        <span className={classes.action}>{actionWords(entry.action)}</span>
        <span className={`mono ${classes.code}`}>{entry.action}</span>
        <Text size="sm" c="dimmed">
          {entry.who}
        </Text>
        <Text size="sm" c="dimmed" ml="auto">
          <Timestamp value={entry.at} form="full" />
        </Text>
      </div>
      {entry.reason !== null && <Text size="sm">{entry.reason}</Text>}
      {changes.length > 0 && (
        <ul className={classes.changes}>
          {changes.map(change => (
            <li key={change.field}>
              <span className={classes.field}>{change.field}</span>
              {change.before !== undefined && <del className="mono">{written(change.before)}</del>}
              {change.after !== undefined && <ins className="mono">{written(change.after)}</ins>}
            </li>
          ))}
        </ul>
      )}
    </li>
  )
}

const written = (value: Json): string => (typeof value === 'string' ? value : JSON.stringify(value))
