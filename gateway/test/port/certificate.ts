import { readFileSync } from 'node:fs'

/** For localhost and 127.0.0.1, signed by itself, good for a hundred years; its key is worth nothing anywhere else. */
export const testCertificate = {
  certificate: readFileSync(new URL('certificate.pem', import.meta.url), 'utf8'),
  key: readFileSync(new URL('key.pem', import.meta.url), 'utf8'),
}
