import { Kbd } from '@mantine/core'
import {
  type Icon,
  IconArchive,
  IconBuildingCommunity,
  IconHeartbeat,
  IconHistory,
  IconListCheck,
  IconServerCog,
  IconTable,
} from '@tabler/icons-react'
import { Link, useLocation } from 'wouter'
import { useOperation } from '../../client/hooks.ts'
import { useCurrentEnvironment } from '../environment.tsx'
import { paths } from '../paths.ts'
import { writtenKeys } from '../shortcuts/keys.ts'
import classes from './shell.module.css'

interface Area {
  label: string
  icon: Icon
  shortcut: string
  path: string | undefined
  isCurrent: (location: string) => boolean
}

const within = (part: string) => (location: string) => new RegExp(`^/e/[^/]+/${part}(/|$)`).test(location)
const under = (path: string) => (location: string) => location === path || location.startsWith(`${path}/`)

export function Navigation() {
  const [location] = useLocation()
  const environment = useCurrentEnvironment()
  const info = useOperation('app.info', {}, { staleTime: Number.POSITIVE_INFINITY })
  const pathIn = (path: (id: string) => string) => (environment === undefined ? undefined : path(environment.id))
  const areas: Area[] = [
    {
      label: 'Tenants',
      icon: IconBuildingCommunity,
      shortcut: 'g t',
      path: pathIn(paths.tenants),
      isCurrent: within('tenants'),
    },
    { label: 'Data', icon: IconTable, shortcut: 'g d', path: pathIn(id => paths.data(id)), isCurrent: within('data') },
    {
      label: 'Backups',
      icon: IconArchive,
      shortcut: 'g b',
      path: pathIn(id => paths.backups(id)),
      isCurrent: within('backups'),
    },
    {
      label: 'Health',
      icon: IconHeartbeat,
      shortcut: 'g h',
      path: pathIn(paths.health),
      isCurrent: within('health'),
    },
    { label: 'Audit', icon: IconHistory, shortcut: 'g a', path: paths.audit, isCurrent: under(paths.audit) },
    { label: 'Jobs', icon: IconListCheck, shortcut: 'g j', path: paths.jobs, isCurrent: under(paths.jobs) },
  ]
  return (
    <>
      <nav className={classes.links} aria-label="Areas">
        {areas.map(area => (
          <AreaLink key={area.label} area={area} location={location} />
        ))}
      </nav>
      <div className={classes.foot}>
        <AreaLink
          area={{
            label: 'Environments',
            icon: IconServerCog,
            shortcut: 'g e',
            path: paths.environments,
            isCurrent: under(paths.environments),
          }}
          location={location}
        />
        {info.data !== undefined && (
          <div className={`${classes.version} truncate`} title={`Signed in to this computer as ${info.data.user}`}>
            {info.data.user} · v{info.data.version}
          </div>
        )}
      </div>
    </>
  )
}

function AreaLink({ area, location }: { area: Area; location: string }) {
  const isCurrent = area.isCurrent(location)
  const content = (
    <>
      <area.icon size={18} stroke={1.7} aria-hidden />
      {area.label}
    </>
  )
  if (area.path === undefined) {
    return (
      <span className={classes.link} aria-disabled="true">
        {content}
      </span>
    )
  }
  return (
    <Link
      href={area.path}
      className={classes.link}
      aria-current={isCurrent ? 'page' : undefined}
      aria-keyshortcuts={area.shortcut}
    >
      {content}
      <span className={classes.keys} aria-hidden="true">
        {writtenKeys(area.shortcut).map(key => (
          <Kbd key={key}>{key}</Kbd>
        ))}
      </span>
    </Link>
  )
}
