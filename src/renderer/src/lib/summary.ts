/** What follows a colon or semicolon in a summary explains; where room is short it is left out. */
const withoutExplanation = (summary: string): string => summary.replace(/[:;].*$/, '')

/** “Provision a tenant: schema, migrations… · Acme” → “Provision a tenant · Acme”. The subject may hold anything. */
export function shortJobTitle(title: string, summary: string | undefined): string {
  if (summary === undefined || !title.startsWith(summary)) return title
  return withoutExplanation(summary) + title.slice(summary.length)
}

export const shortSummary = withoutExplanation
