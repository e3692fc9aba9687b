import type { StoreHealth } from '#shared/contract/health.ts'

export type Figure = StoreHealth['figures'][number]

/** A share of a maximum from which someone should look. */
const WARNING_SHARE = 0.8

export const figure = (name: string, value: string, unit: string | null = null): Figure => ({
  name,
  value,
  unit,
  share: null,
})

/** A maximum of 0 means that there is none. */
export const ofMaximum = (name: string, used: number, maximum: number): Figure => ({
  name,
  value: maximum > 0 ? `${used} of ${maximum}` : String(used),
  unit: null,
  share: maximum > 0 ? Math.min(1, used / maximum) : null,
})

export const stateOf = (figures: readonly Figure[]): 'ok' | 'warning' =>
  figures.some(one => (one.share ?? 0) >= WARNING_SHARE) ? 'warning' : 'ok'
