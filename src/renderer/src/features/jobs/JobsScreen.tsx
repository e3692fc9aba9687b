import { Anchor } from '@mantine/core'
import { IconListCheck } from '@tabler/icons-react'
import { useEffect, useMemo } from 'react'
import { Link, useLocation } from 'wouter'
import type { JobSnapshot } from '#shared/contract/jobs.ts'
import { putJobs, useJobStore } from '../../app/jobs/job-store.ts'
import { titleOf } from '../../app/jobs/job-title.ts'
import { paths } from '../../app/paths.ts'
import { useOperation } from '../../client/hooks.ts'
import { Empty } from '../../components/Empty.tsx'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { DataGrid } from '../../components/grid/DataGrid.tsx'
import type { GridColumn } from '../../components/grid/types.ts'
import { JobStateMark } from '../../components/JobStateMark.tsx'
import { Screen } from '../../components/Screen.tsx'
import { SkeletonRows } from '../../components/SkeletonRows.tsx'
import { Timestamp } from '../../components/Timestamp.tsx'
import { formatDuration } from '../../lib/format.ts'
import classes from './jobs-screen.module.css'

const LISTED_JOBS = 500

const keyOf = (job: JobSnapshot): string => job.id

/** All jobs this console remembers, the latest first; running ones move as they go. */
export default function JobsScreen() {
  const [, navigate] = useLocation()
  const list = useOperation('jobs.list', { limit: LISTED_JOBS })
  const jobs = useJobStore(state => state.jobs)
  useEffect(() => {
    if (list.data !== undefined) putJobs(list.data)
  }, [list.data])
  const rows = useMemo(() => {
    const live = new Set(jobs.map(job => job.id))
    return [...jobs, ...(list.data ?? []).filter(job => !live.has(job.id))]
  }, [jobs, list.data])
  return (
    <Screen title="Jobs" layout="fill">
      {list.data === undefined && rows.length === 0 ? (
        list.error === null ? (
          <SkeletonRows rows={12} columns={5} />
        ) : (
          <div style={{ padding: '8px 20px' }}>
            <ErrorPanel
              error={list.error}
              title="The jobs could not be listed"
              onRetry={() => void list.refetch()}
              isRetrying={list.isFetching}
            />
          </div>
        )
      ) : rows.length === 0 ? (
        <Empty
          icon={IconListCheck}
          title="No jobs yet"
          description="Long work, such as provisioning a tenant, runs as a job: it goes on when you leave the screen, and is listed here."
        />
      ) : (
        <DataGrid
          label="Jobs"
          mode="row"
          columns={COLUMNS}
          rows={rows}
          rowKey={keyOf}
          total={rows.length}
          onOpen={job => navigate(paths.job(job.id))}
        />
      )}
    </Screen>
  )
}

const COLUMNS: GridColumn<JobSnapshot>[] = [
  {
    id: 'title',
    title: 'Job',
    width: 300,
    canGrow: true,
    copyText: job => job.title,
    render: job => (
      <Anchor component={Link} href={paths.job(job.id)} tabIndex={-1} className={classes.title} title={job.title}>
        {titleOf(job)}
      </Anchor>
    ),
  },
  { id: 'state', title: 'State', width: 124, render: job => <JobStateMark state={job.state} /> },
  {
    id: 'why',
    title: 'Remark',
    width: 240,
    canGrow: true,
    render: job => <span className={`truncate ${classes.soft}`}>{remarkOf(job)}</span>,
  },
  { id: 'who', title: 'Who', width: 104, render: job => <span className="truncate">{job.who}</span> },
  { id: 'started', title: 'Started', width: 140, render: job => <Timestamp value={job.startedAt ?? job.createdAt} /> },
  { id: 'took', title: 'Took', width: 110, isEnd: true, render: job => durationOf(job) },
]

function remarkOf(job: JobSnapshot): string {
  if (job.error !== null) return job.error.message
  const step = job.steps.findLast(candidate => candidate.state === 'running')
  return step?.name ?? job.progress?.note ?? ''
}

function durationOf(job: JobSnapshot): string {
  if (job.startedAt === null || job.finishedAt === null) return ''
  return formatDuration(Date.parse(job.finishedAt) - Date.parse(job.startedAt))
}
