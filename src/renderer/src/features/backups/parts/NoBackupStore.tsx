import { Button } from '@mantine/core'
import { IconBucketOff } from '@tabler/icons-react'
import { Link } from 'wouter'
import { useEnvironment } from '../../../app/environment.tsx'
import { paths } from '../../../app/paths.ts'
import { Empty } from '../../../components/Empty.tsx'

/** An environment without a backup store cannot back up: the next step is to name one. */
export function NoBackupStore() {
  const environment = useEnvironment()
  return (
    <Empty
      icon={IconBucketOff}
      title="No backup store yet"
      description="Archives go to an S3 bucket or to a folder. Name one in the settings of this environment."
      actions={
        <Button component={Link} href={paths.editEnvironment(environment.id)}>
          Edit the environment
        </Button>
      }
    />
  )
}
