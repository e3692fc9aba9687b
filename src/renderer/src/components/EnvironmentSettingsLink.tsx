import { Button } from '@mantine/core'
import { Link } from 'wouter'
import { useEnvironment } from '../app/environment.tsx'
import { paths } from '../app/paths.ts'

/** The way out of a connection that cannot work as it is set up. */
export function EnvironmentSettingsLink() {
  const environment = useEnvironment()
  return (
    <Button component={Link} href={paths.editEnvironment(environment.id)} variant="default">
      Check the settings of this environment
    </Button>
  )
}
