import { Button, FileButton, Group, Textarea } from '@mantine/core'
import { IconFileText } from '@tabler/icons-react'
import { useRef, useState } from 'react'

/** As the contract takes it, in characters. */
const MAX_LENGTH = 65_536

interface CertificateFieldProps {
  // biome-ignore lint/suspicious/noExplicitAny: Mantine's form declares its input properties like this.
  field: any
}

/** The certificate authorities to trust, pasted or loaded from a file. */
export function CertificateField({ field }: CertificateFieldProps) {
  const [problem, setProblem] = useState<string>()
  const resetFile = useRef<() => void>(null)
  const load = async (file: File | null) => {
    if (file === null) return
    resetFile.current?.()
    if (file.size > MAX_LENGTH) return setProblem(`${file.name} is too large for a certificate.`)
    setProblem(undefined)
    field.onChange(await file.text())
  }
  return (
    <div>
      <Textarea
        label="Certificate authorities"
        description="PEM text of those to trust; the ones of the system when empty."
        placeholder="-----BEGIN CERTIFICATE-----"
        classNames={{ input: 'mono' }}
        autosize
        minRows={3}
        maxRows={8}
        spellCheck={false}
        {...field}
        error={field.error ?? problem}
      />
      <Group mt={6}>
        <FileButton resetRef={resetFile} onChange={file => void load(file)} accept=".pem,.crt,.cer,.ca,text/plain">
          {props => (
            <Button {...props} variant="default" size="compact-sm" leftSection={<IconFileText size={14} aria-hidden />}>
              Load a file…
            </Button>
          )}
        </FileButton>
      </Group>
    </div>
  )
}
