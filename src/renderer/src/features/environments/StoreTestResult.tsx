import type { StoreTest } from '#shared/contract/environments.ts'
import { StateMark } from '../../components/StateMark.tsx'
import { StoreFailure } from '../../components/StoreFailure.tsx'
import { STORE_TITLES } from '../../lib/stores.ts'
import classes from './environments.module.css'

interface StoreTestResultProps {
  result: StoreTest
  /** Says which store it is, where that is not clear from its place. */
  isNamed?: boolean
}

/** What a test of one store came to. */
export function StoreTestResult({ result, isNamed = false }: StoreTestResultProps) {
  return (
    <div className={classes.result} role="status">
      <StateMark meaning={result.ok ? 'ok' : 'bad'}>
        {isNamed && `${STORE_TITLES[result.store]}: `}
        {result.ok ? 'connected' : 'failed'}
      </StateMark>
      {result.serverVersion !== null && <span className="mono">{result.serverVersion}</span>}
      {result.latencyMs !== null && <span className="numeric">{result.latencyMs} ms</span>}
      {result.detail !== null && <span className={classes.soft}>{result.detail}</span>}
      {result.error !== null && (
        <div style={{ flexBasis: '100%' }}>
          <StoreFailure error={result.error} />
        </div>
      )}
    </div>
  )
}
