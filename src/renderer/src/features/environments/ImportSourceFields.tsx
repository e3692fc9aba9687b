import { Button, FileButton, Group, SegmentedControl, Text, Textarea } from '@mantine/core'
import { IconFileText, IconListSearch } from '@tabler/icons-react'
import { useRef, useState } from 'react'
import { type ImportSource, MAX_ENV_FILE } from './env-source.ts'
import classes from './import.module.css'

const EXAMPLE = [
  'DATABASE_URL=postgresql://app:secret@db.example.com:5432/hr',
  'REDIS_HOST=cache.example.com',
  'S3_BUCKET=hr-backups',
].join('\n')

const KINDS = [
  { value: 'text', label: 'Env file' },
  { value: 'process', label: 'Variables of this process' },
]

interface ImportSourceFieldsProps {
  source: ImportSource
  isLooking: boolean
  onChange: (source: ImportSource) => void
  /** The source is complete: pasted, loaded, or asked for. */
  onReady: (source: ImportSource, fileName?: string) => void
}

/** Where the variables come from: the text of an env file, or what the console was started with. */
export function ImportSourceFields({ source, isLooking, onChange, onReady }: ImportSourceFieldsProps) {
  const [problem, setProblem] = useState<string>()
  const resetFile = useRef<() => void>(null)
  const choose = (kind: string) => {
    const next: ImportSource = kind === 'process' ? { kind } : { kind: 'text', text: '' }
    setProblem(undefined)
    onChange(next)
    if (next.kind === 'process') onReady(next)
  }
  const load = async (file: File | null) => {
    if (file === null) return
    // The same file can be loaded again after it was changed.
    resetFile.current?.()
    if (file.size > MAX_ENV_FILE) return setProblem(`${file.name} is too large for an env file.`)
    setProblem(undefined)
    const next: ImportSource = { kind: 'text', text: await file.text() }
    onChange(next)
    onReady(next, file.name)
  }
  return (
    <div className={classes.body}>
      <div>
        <SegmentedControl aria-label="Import from" data={KINDS} value={source.kind} onChange={choose} />
      </div>
      {source.kind === 'process' ? (
        <Text size="sm" c="dimmed">
          The variables of the shell or service that started this console. Only names that Tenantry knows are read;
          their values stay in the main process.
        </Text>
      ) : (
        <Textarea
          label="Text of the env file"
          description="NAME=value lines, as shells and dotenv write them. The text goes to the console on this computer and nowhere else."
          placeholder={EXAMPLE}
          autosize
          minRows={5}
          maxRows={14}
          maxLength={MAX_ENV_FILE}
          spellCheck={false}
          autoComplete="off"
          classNames={{ input: 'mono' }}
          value={source.text}
          error={problem}
          onChange={event => onChange({ kind: 'text', text: event.currentTarget.value })}
          onPaste={event => {
            // Into an empty field a whole file is pasted; elsewhere somebody is still editing.
            if (source.text !== '') return
            event.preventDefault()
            const next: ImportSource = {
              kind: 'text',
              text: event.clipboardData.getData('text').slice(0, MAX_ENV_FILE),
            }
            onChange(next)
            onReady(next)
          }}
        />
      )}
      <Group gap={8}>
        {source.kind === 'text' && (
          <FileButton resetRef={resetFile} onChange={file => void load(file)}>
            {props => (
              <Button {...props} variant="default" leftSection={<IconFileText size={15} aria-hidden />}>
                Load a file…
              </Button>
            )}
          </FileButton>
        )}
        <Button
          variant="default"
          leftSection={<IconListSearch size={15} aria-hidden />}
          loading={isLooking}
          disabled={source.kind === 'text' && source.text.trim() === ''}
          onClick={() => onReady(source)}
        >
          {source.kind === 'process' ? 'Look again' : 'Show what is found'}
        </Button>
      </Group>
    </div>
  )
}
