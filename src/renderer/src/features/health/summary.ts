import type { StoreHealth } from '#shared/contract/health.ts'
import type { Meaning } from '../../components/StateMark.tsx'

/** How an environment is doing as a whole: as badly as the worst of its stores. */
export function summaryOf(stores: readonly Pick<StoreHealth, 'state'>[]): { meaning: Meaning; word: string } {
  const count = (state: StoreHealth['state']) => stores.filter(store => store.state === state).length
  const present = stores.length - count('absent')
  const failed = count('failed')
  const warned = count('warning')
  if (failed > 0) return { meaning: 'bad', word: present === 1 ? 'Failed' : `${failed} of ${present} failed` }
  if (warned > 0) return { meaning: 'warn', word: `${warned} of ${present} ${warned === 1 ? 'needs' : 'need'} a look` }
  return { meaning: 'ok', word: present === 1 ? 'Healthy' : present === 2 ? 'Both healthy' : `All ${present} healthy` }
}
