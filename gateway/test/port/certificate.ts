import { readFileSync } from 'node:fs'

/** A self-signed certificate for localhost and 127.0.0.1, valid for a hundred years and used only in tests. */
export const testCertificate = {
  certificate: readFileSync(new URL('certificate.pem', import.meta.url), 'utf8'),
  key: readFileSync(new URL('key.pem', import.meta.url), 'utf8'),
}

/** Certificates with the same key that clients must reject although they trust their issuer, which is the certificate itself. */
export const rejectedCertificates = {
  expired: readFileSync(new URL('certificate-expired.pem', import.meta.url), 'utf8'),
  otherHost: readFileSync(new URL('certificate-other-host.pem', import.meta.url), 'utf8'),
}
