import { ActionIcon, Button, FileButton, SegmentedControl, Text, Textarea, Tooltip } from '@mantine/core'
import { IconArrowLeft, IconFileText } from '@tabler/icons-react'
import { useState } from 'react'
import { Link } from 'wouter'
import type { InputOf } from '#shared/contract/index.ts'
import { paths } from '../../app/paths.ts'
import { useMutationOperation } from '../../client/hooks.ts'
import { ErrorPanel } from '../../components/ErrorPanel.tsx'
import { Notice } from '../../components/Notice.tsx'
import { Screen } from '../../components/Screen.tsx'
import classes from './environments.module.css'
import { ImportFindings } from './ImportFindings.tsx'
import { ImportForm } from './ImportForm.tsx'

type Source = InputOf<'environments.import'>['source']

const EXAMPLE = 'DATABASE_URL=postgresql://app:secret@db.example:5432/hr\nREDIS_HOST=cache.example\nS3_BUCKET=backups'
/** The contract takes no longer text. */
const LONGEST_FILE = 100_000

/** An environment from an env file or from the variables of the process: look first, then import. */
export default function ImportScreen() {
  const [kind, setKind] = useState<Source['kind']>('text')
  const [text, setText] = useState('')
  const [problem, setProblem] = useState<string>()
  const preview = useMutationOperation('environments.previewImport', { isQuiet: true })
  const source: Source = kind === 'process' ? { kind } : { kind: 'text', text }
  const look = () => preview.mutate({ source })
  const change = (next: () => void) => {
    preview.reset()
    setProblem(undefined)
    next()
  }
  const load = async (file: File | null) => {
    if (file === null) return
    if (file.size > LONGEST_FILE) setProblem(`${file.name} is too large for an env file.`)
    else change(() => void file.text().then(setText))
  }
  const found = preview.data
  const hasStores = found !== undefined && Object.keys(found.stores).length > 0
  return (
    <Screen
      title="Import an environment"
      back={
        <Tooltip label="All environments">
          <ActionIcon component={Link} href={paths.environments} aria-label="All environments">
            <IconArrowLeft size={18} />
          </ActionIcon>
        </Tooltip>
      }
    >
      <div className={classes.formPage}>
        <section className={classes.section} aria-label="Source">
          <div className={classes.sectionBody} style={{ paddingTop: 16 }}>
            <div>
              <SegmentedControl
                aria-label="Source"
                value={kind}
                onChange={value => change(() => setKind(value === 'process' ? 'process' : 'text'))}
                data={[
                  { value: 'text', label: 'An env file' },
                  { value: 'process', label: 'Variables of this process' },
                ]}
              />
            </div>
            {kind === 'text' ? (
              <Textarea
                label="Text of the file"
                description="It is read by the console on this computer; passwords in it go to the keychain, not into a file."
                placeholder={EXAMPLE}
                autosize
                minRows={6}
                maxRows={16}
                spellCheck={false}
                classNames={{ input: 'mono' }}
                value={text}
                error={problem}
                onChange={event => {
                  const { value } = event.currentTarget
                  change(() => setText(value))
                }}
              />
            ) : (
              <Text size="sm" c="dimmed">
                The variables that the console was started with, as your HR system names them: DATABASE_URL,
                MONGODB_URI, REDIS_*, AWS_*, S3_BUCKET.
              </Text>
            )}
            <div style={{ display: 'flex', gap: 8 }}>
              {kind === 'text' && (
                <FileButton onChange={file => void load(file)}>
                  {props => (
                    <Button {...props} variant="default" leftSection={<IconFileText size={16} aria-hidden />}>
                      Load a file…
                    </Button>
                  )}
                </FileButton>
              )}
              <Button
                variant={hasStores ? 'default' : 'filled'}
                loading={preview.isPending}
                disabled={kind === 'text' && text.trim() === ''}
                onClick={look}
              >
                Show what it would set
              </Button>
            </div>
            {preview.error !== null && <ErrorPanel error={preview.error} />}
            {found !== undefined && !hasStores && found.problems.length === 0 && (
              <Notice meaning="warn">No variable in it names a store.</Notice>
            )}
          </div>
        </section>
        {found !== undefined && <ImportFindings found={found} />}
        {hasStores && <ImportForm source={source} />}
      </div>
    </Screen>
  )
}
