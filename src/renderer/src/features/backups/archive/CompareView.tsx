import { Button, Group, Select, Text } from '@mantine/core'
import { IconArrowsDiff } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import type { ArchiveDetail } from '#shared/contract/backup.model.ts'
import { contracts } from '#shared/contract/index.ts'
import { isJobOver } from '#shared/contract/jobs.ts'
import { useEnvironment, usePermission } from '../../../app/environment.tsx'
import { useJob } from '../../../app/jobs/use-job.ts'
import { useViewState } from '../../../app/view-state.ts'
import { useMutationOperation, usePagedOperation } from '../../../client/hooks.ts'
import { Timestamp } from '../../../components/Timestamp.tsx'
import { formatLocal } from '../../../lib/time.ts'
import { CompareResult } from '../compare/CompareResult.tsx'
import { ARCHIVE_AND_LIVE, TWO_ARCHIVES } from '../compare/side-words.ts'
import { isUsable } from '../parts/archive-words.ts'
import { JobPanel } from '../parts/JobPanel.tsx'
import parts from '../parts/parts.module.css'

const LIVE = 'live'
const OFFERED = 200
const Result = contracts.backups.compare.output

/** Compares an archive with the live tenant or with another archive of it; the comparison is part of the address. */
export function CompareView({ tenantId, archive }: { tenantId: string; archive: ArchiveDetail }) {
  const environment = useEnvironment()
  const [params, setView] = useViewState()
  const jobId = params.get('job')
  const [other, setOther] = useState(params.get('with') ?? LIVE)
  const compare = useMutationOperation('backups.compare')
  const permission = usePermission('backups.compare', environment)
  const start = () =>
    compare.mutate(
      {
        environmentId: environment.id,
        tenantId,
        archive: archive.archive,
        ...(other === LIVE ? {} : { with: other }),
      },
      {
        onSuccess: started =>
          setView({
            job: started.jobId,
            with: other === LIVE ? undefined : other,
            rows: undefined,
            kind: undefined,
          }),
      },
    )
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section className={parts.scroll} tabIndex={0} aria-label="Compare">
      <div className={parts.stack}>
        <Group gap={10} align="flex-end">
          <OtherSide tenantId={tenantId} archive={archive} value={other} onChange={setOther} />
          <Button
            leftSection={<IconArrowsDiff size={16} aria-hidden />}
            loading={compare.isPending}
            disabled={!permission.isAllowed}
            title={permission.reason}
            variant={jobId === null ? 'filled' : 'default'}
            onClick={start}
          >
            {jobId === null ? 'Compare' : 'Compare again'}
          </Button>
        </Group>
        {jobId === null ? (
          <Text size="sm" c="dimmed">
            Rows are matched by primary key; nothing is changed on either side.
          </Text>
        ) : (
          <Outcome tenantId={tenantId} jobId={jobId} isLive={params.get('with') === null} />
        )}
      </div>
    </section>
  )
}

interface OtherSideProps {
  tenantId: string
  archive: ArchiveDetail
  value: string
  onChange: (value: string) => void
}

function OtherSide({ tenantId, archive, value, onChange }: OtherSideProps) {
  const environment = useEnvironment()
  const list = usePagedOperation('backups.list', { environmentId: environment.id, tenantId, limit: OFFERED })
  const data = useMemo(() => {
    const others = list.data?.pages.flatMap(page => page.items) ?? []
    return [
      { value: LIVE, label: 'The live tenant, as it is now' },
      ...others
        .filter(candidate => candidate.archive !== archive.archive && isUsable(candidate))
        .map(candidate => ({ value: candidate.archive, label: `Archive of ${formatLocal(new Date(candidate.at))}` })),
    ]
  }, [list.data, archive.archive])
  return (
    <Select
      label="Compare this archive with"
      w={320}
      data={data}
      value={value}
      allowDeselect={false}
      searchable
      onChange={next => onChange(next ?? LIVE)}
    />
  )
}

function Outcome({ tenantId, jobId, isLive }: { tenantId: string; jobId: string; isLive: boolean }) {
  const environment = useEnvironment()
  const job = useJob(jobId)
  if (job === undefined) return null
  const result = Result.safeParse(job.result).data
  if (result === undefined || !isJobOver(job.state)) return <JobPanel job={job} title="Comparing" logLines={3} />
  return (
    <>
      <Text size="sm" c="dimmed">
        Compared <Timestamp value={result.comparedAt} />: {result.left} with {result.right}.
      </Text>
      <CompareResult
        tables={result.tables}
        sides={isLive ? ARCHIVE_AND_LIVE : TWO_ARCHIVES}
        source={{ environmentId: environment.id, tenantId, comparisonId: result.comparisonId }}
      />
    </>
  )
}
