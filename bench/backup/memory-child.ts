/** Backs one tenant up and prints the most memory this process ever held, in bytes. */
import { text } from 'node:stream/consumers'
import { openArchiving } from './archiving.ts'

const { target, slug, what } = JSON.parse(await text(process.stdin))
await using archiving = await openArchiving(target)
const tenant = await archiving.tenant(slug)
if (what === 'backup') await archiving.backups.create(archiving.work, tenant)
process.stdout.write(String(process.resourceUsage().maxRSS * 1024))
