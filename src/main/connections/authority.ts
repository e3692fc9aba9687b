import { X509Certificate } from 'node:crypto'
import { AppError } from '#shared/errors.ts'

/**
 * The certificate authorities of a TLS setting, known to be readable. Node passes over PEM text it cannot read, and the failure
 * would look like an untrusted server.
 * @throws AppError CONNECTION_FAILED, reason `tls-authority`
 */
export function authorityOption(ca: string | undefined): { ca?: string } {
  if (ca === undefined) return {}
  try {
    new X509Certificate(ca)
    return { ca }
  } catch (cause) {
    throw new AppError('CONNECTION_FAILED', 'The certificate authority of this environment cannot be read.', {
      hint: 'Paste the whole PEM text, with its BEGIN CERTIFICATE and END CERTIFICATE lines.',
      details: { reason: 'tls-authority' },
      cause,
    })
  }
}
