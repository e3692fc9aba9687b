import { Radio, Stack, Text } from '@mantine/core'
import type { z } from 'zod'
import type { Environment } from '#shared/contract/environment.model.ts'
import type { RestorePlan, SchemaChoice } from '#shared/contract/restore.model.ts'
import { Notice } from '../../../components/Notice.tsx'
import { Timestamp } from '../../../components/Timestamp.tsx'
import { formatBytes, formatCount, formatDuration, formatEstimate, formatPlural } from '../../../lib/format.ts'
import { VerifiedText } from '../parts/ArchiveMark.tsx'
import parts from '../parts/parts.module.css'
import { sumCounts } from '../parts/sums.ts'
import { TableFrame } from '../parts/TableFrame.tsx'
import { Identity } from './Identity.tsx'
import classes from './restore.module.css'
import { SessionTable } from './SessionTable.tsx'

export type Plan = z.infer<typeof RestorePlan>
export type Choice = z.infer<typeof SchemaChoice>

interface PlanViewProps {
  environment: Environment
  plan: Plan
  choice: Choice
  onChoice: (choice: Choice) => void
}

const TABLES_HEIGHT = 380

/** What a restore would do, before anything is built. */
export function PlanView({ environment, plan, choice, onChoice }: PlanViewProps) {
  return (
    <Stack gap={16}>
      <Identity
        environment={environment}
        tenantName={plan.tenantName}
        slug={plan.slug}
        archiveAt={plan.archiveAt}
        archiveHash={plan.archiveHash}
      >
        <span>
          verified <VerifiedText verified={plan.verified} />
        </span>
      </Identity>
      {plan.otherRestores.length > 0 && (
        <Notice meaning="warn">
          {formatPlural(plan.otherRestores.length, 'other restore')} of this tenant{' '}
          {plan.otherRestores.length === 1 ? 'is' : 'are'} on the way or ready. Only one of them can be swapped; the
          others see that live changed.
        </Notice>
      )}
      {plan.liveDrift !== null && <Notice meaning="warn">Live differs from its migrations: {plan.liveDrift}</Notice>}
      {plan.archiveDrift !== null && (
        <Notice meaning="warn">The archive differs from its migrations: {plan.archiveDrift}</Notice>
      )}
      <div className={classes.columns}>
        <div className={classes.column}>
          <div style={{ display: 'grid', gridTemplateColumns: '1fr 1fr', gap: 16 }}>
            <Loss plan={plan} />
            <Gain plan={plan} />
          </div>
          <PlanTables plan={plan} />
        </div>
        <div className={classes.column}>
          <Version plan={plan} choice={choice} onChoice={onChoice} />
          <Space plan={plan} />
          <section className={classes.card} aria-label="Connected now">
            <h2>Connected to the tenant now</h2>
            <SessionTable sessions={plan.sessions} />
          </section>
        </div>
      </div>
    </Stack>
  )
}

function Loss({ plan }: { plan: Plan }) {
  const newer = sumCounts(plan.tables.map(table => table.newerRows))
  const unknown = plan.tables.filter(table => table.newerRows === null && table.liveRows !== '0')
  return (
    <section className={classes.card} aria-label="What will be lost">
      <h2>What will be lost</h2>
      <p className={classes.figure} data-loss={newer > 0n}>
        {formatCount(newer.toString())} {newer === 1n ? 'row' : 'rows'}
      </p>
      <Text size="sm">
        made or changed in live after the archive was taken.
        {unknown.length > 0 &&
          ` ${formatPlural(unknown.length, 'table')} without times cannot be judged before the comparison.`}
      </Text>
      {plan.lastActivityAt !== null && (
        <Text size="sm" c="dimmed">
          Last activity in live: <Timestamp value={plan.lastActivityAt} />.
        </Text>
      )}
    </section>
  )
}

function Gain({ plan }: { plan: Plan }) {
  return (
    <section className={classes.card} aria-label="What comes back">
      <h2>What comes back</h2>
      <p className={classes.figure}>{formatPlural(Number(plan.archiveRows), 'row')}</p>
      <Text size="sm">
        as they were then; live has{' '}
        {plan.isLiveRowsExact ? formatCount(plan.liveRows) : `about ${formatEstimate(plan.liveRows)}`} now.
      </Text>
      <Text size="sm" c="dimmed">
        What is live now is kept for undo.
      </Text>
    </section>
  )
}

function PlanTables({ plan }: { plan: Plan }) {
  const tables = [...plan.tables].sort(
    (a, b) => Number(b.newerRows ?? 0) - Number(a.newerRows ?? 0) || a.table.localeCompare(b.table),
  )
  return (
    <TableFrame label="Rows by table" maxHeight={TABLES_HEIGHT}>
      <thead>
        <tr>
          <th>Table</th>
          <th data-end="true">In the archive</th>
          <th data-end="true">Live</th>
          <th data-end="true">Newer than the archive</th>
        </tr>
      </thead>
      <tbody>
        {tables.map(table => (
          <tr key={table.table}>
            <td>
              <span className={`mono ${parts.name}`} title={table.table}>
                {table.table}
              </span>
            </td>
            <td data-end="true">{table.archiveRows === null ? 'no table' : formatCount(table.archiveRows)}</td>
            <td data-end="true">{table.liveRows === null ? 'no table' : formatCount(table.liveRows)}</td>
            <td data-end="true">
              {table.newerRows === null ? (
                <span className={parts.soft} data-tip="The table has neither created_at nor updated_at">
                  not known
                </span>
              ) : (
                <span className={table.newerRows === '0' ? parts.soft : parts.bad}>{formatCount(table.newerRows)}</span>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </TableFrame>
  )
}

function Version({ plan, choice, onChoice }: Omit<PlanViewProps, 'environment'>) {
  const { archiveVersion, liveVersion, latestVersion } = plan
  const isOlder = archiveVersion !== null && archiveVersion < latestVersion
  return (
    <section className={classes.card} aria-label="Schema version">
      <h2>Schema version</h2>
      <Text size="sm" className="numeric">
        Archive {archiveVersion ?? 'unknown'} · live {liveVersion ?? 'unknown'} · newest {latestVersion}
      </Text>
      {plan.versionNote !== null && (
        <Text size="sm" mt={4}>
          {plan.versionNote}
        </Text>
      )}
      {isOlder ? (
        <Radio.Group
          mt={10}
          aria-label="Schema version after the restore"
          value={choice}
          onChange={value => onChoice(value as Choice)}
        >
          <Stack gap={8}>
            <Radio
              value="migrate"
              label={`Migrate forward to ${latestVersion}`}
              description="The archive is migrated beside live, before anything is swapped."
            />
            <Radio
              value="as-archived"
              label={`As archived, at ${archiveVersion}`}
              description="The applications that use this tenant must cope with the older schema."
            />
          </Stack>
        </Radio.Group>
      ) : (
        plan.versionNote === null && (
          <Text size="sm" c="dimmed">
            Nothing has to be migrated.
          </Text>
        )
      )}
    </section>
  )
}

function Space({ plan }: { plan: Plan }) {
  const needed = Number(plan.neededBytes)
  const free = plan.freeBytes === null ? undefined : Number(plan.freeBytes)
  const isTight = free !== undefined && needed > free
  return (
    <section className={classes.card} aria-label="Space and time">
      <h2>Space and time</h2>
      <Text size="sm" className="numeric">
        About {formatBytes(needed)} beside live
        {free === undefined
          ? '; the server does not tell how much is free.'
          : ` of ${formatBytes(free)} that are free.`}
      </Text>
      {free !== undefined && (
        <div className={classes.meter} data-tight={isTight} aria-hidden="true">
          <div className={classes.level} style={{ width: `${Math.min((needed / Math.max(free, 1)) * 100, 100)}%` }} />
        </div>
      )}
      {isTight && <Notice meaning="bad">There is not enough room on the server.</Notice>}
      <Text size="sm" mt={4} className="numeric">
        Until it is ready: about {formatDuration(Math.max(plan.estimatedSeconds, 1) * 1_000)}, a rough figure.
      </Text>
    </section>
  )
}
