import { ActionIcon, Text } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useState } from 'react'
import { Link } from 'wouter'
import type { EnvironmentClass } from '#shared/permissions.ts'
import { paths } from '../../app/paths.ts'
import { useMutationOperation, useOperation } from '../../client/hooks.ts'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { Screen } from '../../components/Screen.tsx'
import { SkeletonRows } from '../../components/SkeletonRows.tsx'
import { classOfFile, type ImportSource } from './env-source.ts'
import { ImportForm } from './ImportForm.tsx'
import { ImportPreview } from './ImportPreview.tsx'
import { ImportSourceFields } from './ImportSourceFields.tsx'
import classes from './import.module.css'

/** An environment from an env file or the variables of this process: look first, then import. */
export default function ImportScreen() {
  const info = useOperation('app.info', {}, { staleTime: Number.POSITIVE_INFINITY })
  const preview = useMutationOperation('environments.previewImport', { isQuiet: true })
  const [source, setSource] = useState<ImportSource>({ kind: 'text', text: '' })
  const [suggestion, setSuggestion] = useState<EnvironmentClass | ''>('')
  const change = (next: ImportSource) => {
    // What was found belongs to the text it was found in.
    preview.reset()
    setSource(next)
  }
  const look = (wanted: ImportSource, fileName = '') => {
    setSuggestion(classOfFile(fileName))
    preview.mutate({ source: wanted })
  }
  const hasStores = preview.data !== undefined && Object.keys(preview.data.stores).length > 0
  return (
    <Screen
      title="Import an environment"
      back={
        <ActionIcon
          component={Link}
          href={paths.environments}
          aria-label="All environments"
          data-tip="All environments"
        >
          <IconArrowLeft size={18} />
        </ActionIcon>
      }
    >
      {info.data === undefined ? (
        info.error === null ? (
          <SkeletonRows rows={8} columns={2} />
        ) : (
          <ErrorPanel error={info.error} onRetry={() => void info.refetch()} isRetrying={info.isFetching} />
        )
      ) : (
        <div className={classes.layout}>
          <div className={classes.column}>
            <section className={classes.section} aria-label="Source">
              <ImportSourceFields source={source} isLooking={preview.isPending} onChange={change} onReady={look} />
            </section>
            {hasStores && <ImportForm source={source} suggestedClass={suggestion} keychain={info.data.keychain} />}
          </div>
          <div className={classes.column}>
            {preview.error !== null && <ErrorPanel error={preview.error} title="The variables could not be read" />}
            {preview.data !== undefined && <ImportPreview preview={preview.data} />}
            {preview.data === undefined && preview.error === null && (
              <Text size="sm" c="dimmed" className={classes.nothing}>
                Here you see what would be set up, before anything is: the stores, whether their secrets were found, and
                what could not be understood. Values of secrets are not shown.
              </Text>
            )}
          </div>
        </div>
      )}
    </Screen>
  )
}
