export interface Node {
  host: string
  port: number
}

const NODE = /^(?:\[([^\]]+)\]|([^:\s]+))(?::(\d{1,5}))?$/
const USUAL_PORT = 6_379

/** Reads `host:port` lines, also parted by commas or blanks; undefined when one of them is something else. */
export function parseNodes(text: string): Node[] | undefined {
  const nodes = text
    .split(/[\s,]+/)
    .filter(part => part !== '')
    .map(parseNode)
  return nodes.every(node => node !== undefined) ? nodes : undefined
}

function parseNode(text: string): Node | undefined {
  const match = NODE.exec(text)
  const host = match?.[1] ?? match?.[2]
  return host === undefined ? undefined : { host, port: Number(match?.[3] ?? USUAL_PORT) }
}

export const writeNodes = (nodes: readonly Node[]): string =>
  nodes.map(({ host, port }) => (host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`)).join('\n')
