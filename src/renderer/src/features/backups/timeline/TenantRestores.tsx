import { Anchor } from '@mantine/core'
import { Link } from 'wouter'
import type { Restore } from '#shared/contract/restore.model.ts'
import { useEnvironment } from '../../../app/environment.tsx'
import { paths } from '../../../app/paths.ts'
import { useOperation } from '../../../client/hooks.ts'
import { Timestamp } from '../../../components/Timestamp.tsx'
import { formatLocal } from '../../../lib/time.ts'
import parts from '../parts/parts.module.css'
import { TableFrame } from '../parts/TableFrame.tsx'
import { RestoreMark } from '../restore/RestoreMark.tsx'
import { PURPOSE_WORDS } from '../restore/restore-words.ts'

const SHOWN = 20

/** What was restored of this tenant, and what is still on its way. */
export function TenantRestores({ tenantId }: { tenantId: string }) {
  const environment = useEnvironment()
  const restores = useOperation('backups.restores', { environmentId: environment.id, tenantId, limit: SHOWN })
  if (restores.data === undefined || restores.data.length === 0) return null
  return (
    <section className={parts.section} aria-labelledby="tenant-restores">
      <h2 id="tenant-restores">Restores</h2>
      <TableFrame label="Restores">
        <thead>
          <tr>
            <th>Started</th>
            <th>State</th>
            <th>What</th>
            <th>Archive of</th>
            <th>By</th>
            <th>Kept for undo</th>
          </tr>
        </thead>
        <tbody>
          {restores.data.map(restore => (
            <tr key={restore.id}>
              <td>
                <Anchor
                  component={Link}
                  href={paths.restore(environment.id, tenantId, restore.id)}
                  style={{ whiteSpace: 'nowrap' }}
                >
                  <Timestamp value={restore.createdAt} />
                </Anchor>
              </td>
              <td>
                <RestoreMark restore={restore} />
              </td>
              <td>{PURPOSE_WORDS[restore.purpose]}</td>
              <td className="numeric">{formatLocal(new Date(restore.archiveAt))}</td>
              <td>{restore.who}</td>
              <td>
                <Kept restore={restore} />
              </td>
            </tr>
          ))}
        </tbody>
      </TableFrame>
    </section>
  )
}

function Kept({ restore }: { restore: Restore }) {
  if (restore.keptSchema === null) return <span className={parts.soft}>–</span>
  return (
    <>
      until <Timestamp value={restore.keptUntil} form="full" />
    </>
  )
}
