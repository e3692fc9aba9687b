import { useState } from 'react'
import type { RetentionPolicy } from '#shared/contract/backup.model.ts'
import { useEnvironment } from '../../../app/environment.tsx'
import { useOperation } from '../../../client/hooks.ts'
import parts from '../parts/parts.module.css'
import { Waiting } from '../parts/Waiting.tsx'
import { CleanupPreview } from './CleanupPreview.tsx'
import { RulesForm } from './RulesForm.tsx'
import { policyOf, type RuleValues } from './retention-form.ts'

/** What is kept for how long, and what would go today. */
export default function RetentionTab() {
  const environment = useEnvironment()
  const policy = useOperation('backups.retention', { environmentId: environment.id })
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
    <section className={parts.scroll} tabIndex={0} aria-label="Retention">
      {policy.data === undefined ? (
        <Waiting query={policy} title="The retention rules could not be read" />
      ) : (
        <Rules key={JSON.stringify(policy.data)} saved={policy.data} />
      )}
    </section>
  )
}

/** The preview follows the form, also before the rules are saved. */
function Rules({ saved }: { saved: RetentionPolicy }) {
  const [values, setValues] = useState<RuleValues>(saved)
  return (
    <div className={parts.stack}>
      <RulesForm saved={saved} values={values} onChange={setValues} />
      <CleanupPreview saved={saved} policy={policyOf(values)} />
    </div>
  )
}
