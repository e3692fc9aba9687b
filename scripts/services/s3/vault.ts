import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import { json } from 'node:stream/consumers'

/**
 * Entry of a process that stands in for the key service of Ceph's AES256 encryption: the three calls of Vault's
 * "transit" engine that the gateway makes. For tests only: what it calls a wrapped key is the key itself.
 */
const PREFIX = 'vault:v1:'

interface Answer {
  status: number
  body?: unknown
}

function answer(method: string | undefined, path: string, body: { ciphertext?: string }): Answer {
  if (path.includes('/datakey/plaintext/')) {
    const plaintext = randomBytes(32).toString('base64')
    return { status: 200, body: { data: { plaintext, ciphertext: PREFIX + plaintext } } }
  }
  if (path.includes('/decrypt/')) {
    return { status: 200, body: { data: { plaintext: body.ciphertext?.slice(PREFIX.length) } } }
  }
  if (path.includes('/keys/')) {
    return method === 'GET' ? { status: 200, body: { data: { name: 'key' } } } : { status: 204 }
  }
  return { status: 404, body: {} }
}

const server = createServer(async (request, response) => {
  const hasBody = Number(request.headers['content-length'] ?? 0) > 0
  const body = hasBody ? ((await json(request)) as { ciphertext?: string }) : {}
  const { status, body: reply } = answer(request.method, request.url ?? '', body)
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(reply === undefined ? undefined : JSON.stringify(reply))
})

server.listen(Number(process.env.PORT), '127.0.0.1')
