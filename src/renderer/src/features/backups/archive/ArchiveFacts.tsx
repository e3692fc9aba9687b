import type { ArchiveDetail } from '#shared/contract/backup.model.ts'
import { CopyButton } from '../../../components/CopyButton.tsx'
import { formatBytes, formatCount } from '../../../lib/format.ts'
import { shortVersion } from '../../../lib/short-version.ts'
import { VerifiedText } from '../parts/ArchiveMark.tsx'
import { Fact, Facts } from '../parts/Facts.tsx'
import { HashText } from '../parts/HashText.tsx'
import { Moment } from '../parts/Moment.tsx'
import parts from '../parts/parts.module.css'

/** What the manifest says. */
export function ArchiveFacts({ archive }: { archive: ArchiveDetail }) {
  return (
    <Facts>
      <Fact label="Snapshot">
        <Moment value={archive.at} />
      </Fact>
      <Fact label="Hash of the archive">
        {archive.hash === null ? 'none' : <HashText value={archive.hash} label="Copy the archive’s hash" />}
      </Fact>
      <Fact label="Verified">
        <VerifiedText verified={archive.verified} />
      </Fact>
      <Fact label="Rows">{archive.rows === null ? '–' : formatCount(archive.rows)}</Fact>
      <Fact label="Data">
        {archive.bytes === null ? '–' : formatBytes(archive.bytes)}
        {archive.storedBytes !== null && <small>{formatBytes(archive.storedBytes)} stored</small>}
      </Fact>
      <Fact label="Schema version">
        {archive.schemaVersion ?? '–'}
        <small>{archive.schemaSource === 'pg_dump' ? 'drifted: definitions by pg_dump' : 'from migrations'}</small>
      </Fact>
      <Fact label="Server">PostgreSQL {shortVersion(archive.serverVersion)}</Fact>
      <Fact label="Schema">
        <span className="mono">{archive.databaseSchema}</span>
      </Fact>
      <Fact label="Written by">{archive.writtenBy ?? '–'}</Fact>
      <Fact label="Place">
        <span className={`mono ${parts.name}`} title={`${archive.store}: ${archive.archive}`}>
          {archive.store}
        </span>
        <CopyButton value={archive.archive} label="Copy the place in the store" />
      </Fact>
    </Facts>
  )
}
