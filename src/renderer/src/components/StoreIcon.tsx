import { IconBolt, IconBucket, IconDatabase, IconLeaf } from '@tabler/icons-react'
import type { StoreName } from '#shared/contract/environment.model.ts'

const ICONS = { postgres: IconDatabase, mongo: IconLeaf, redis: IconBolt, backup: IconBucket }

export function StoreIcon({ store, size = 18 }: { store: StoreName; size?: number }) {
  const Icon = ICONS[store]
  return <Icon size={size} stroke={1.7} aria-hidden style={{ flex: 'none' }} />
}
