import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { execute } from './execute.ts'

export interface Certificates {
  /** Path of the authority's certificate, which clients are given. */
  ca: string
  certificate: string
  key: string
}

const DAYS = '30'
const EXTENSIONS = [
  'subjectAltName=DNS:localhost,IP:127.0.0.1,IP:::1',
  'basicConstraints=critical,CA:FALSE',
  'keyUsage=critical,digitalSignature,keyEncipherment',
  'extendedKeyUsage=serverAuth',
].join('\n')

/**
 * Makes a certificate authority for one run and a server certificate for the loopback names signed by it.
 * Uses the openssl command: Node can read certificates but not make them.
 */
export async function makeCertificates(directory: string): Promise<Certificates> {
  const file = (name: string): string => join(directory, name)
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const
  await execute([
    ...(['openssl', 'req', '-x509', ...newKey, '-days', DAYS] as const),
    ...['-subj', '/CN=Tenantry test authority', '-keyout', file('ca.key'), '-out', file('ca.crt')],
    ...['-addext', 'keyUsage=critical,keyCertSign,cRLSign'],
  ])
  await execute([
    ...(['openssl', 'req', ...newKey, '-subj', '/CN=localhost'] as const),
    ...['-keyout', file('server.key'), '-out', file('server.csr')],
  ])
  await writeFile(file('server.ext'), EXTENSIONS)
  await execute([
    ...(['openssl', 'x509', '-req', '-in', file('server.csr'), '-days', DAYS] as const),
    ...['-CA', file('ca.crt'), '-CAkey', file('ca.key'), '-CAcreateserial'],
    ...['-extfile', file('server.ext'), '-out', file('server.crt')],
  ])
  return { ca: file('ca.crt'), certificate: file('server.crt'), key: file('server.key') }
}
