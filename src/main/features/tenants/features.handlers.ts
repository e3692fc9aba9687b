import type { HandlersOf } from '../../kernel/context.ts'
import { getFeature, listFeatures, setFeature } from './feature.service.ts'

export const featuresHandlers = (): HandlersOf<'features'> => ({
  list: ({ tenantId }, { registry }) => listFeatures(registry, tenantId),
  get: ({ tenantId, feature }, { registry }) => getFeature(registry, tenantId, feature),
  set: ({ feature, enabled, config }, { registry, tenant, session }) =>
    setFeature(registry, tenant, { feature, enabled, config, who: session.user }),
})
