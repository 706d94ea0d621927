import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

import { expect, test } from 'vitest'

import { createFirstCall } from '../src/first-call.ts'
import { temporaryFolder } from './temporary-folder.ts'

const usual = {
  url: 'http://127.0.0.1:7171',
  host: '127.0.0.1',
  key: 'k',
  elsewhere: '',
  certificate: undefined,
}

test('calls this machine where the server listens on all addresses, with a key that it creates in the data folder', () => {
  const [create, curl = ''] = createFirstCall({
    ...usual,
    url: 'http://0.0.0.0:7171',
    host: '0.0.0.0',
    key: null,
    elsewhere: " --data 'my data'",
  })

  expect(create).toBe("KEY=$(npx --no anthology keys create --data 'my data')")
  expect(curl).toMatch(/^curl http:\/\/127\.0\.0\.1:7171\/v1\/messages -H "x-api-key: \$KEY" /)
})

test.each([
  ['::', 'http://[::]:7171', 'curl http://127.0.0.1:7171/v1/messages'],
  ['::1', 'http://[::1]:7171', 'curl http://[::1]:7171/v1/messages'],
  ['localhost', 'http://127.0.0.1:7171', 'curl http://localhost:7171/v1/messages'],
])('reaches a server on %s', (host, url, expected) => {
  const [curl = ''] = createFirstCall({ ...usual, host, url })

  expect(curl.startsWith(expected)).toBe(true)
})

test.each([
  ['IP:127.0.0.1', '# --cacert: the certificate is signed by itself', '--cacert FILE https://'],
  ['DNS:gateway.example', '# -k: the certificate is not for 127.0.0.1', '-k https://'],
])('accepts a certificate of its own for %s, and gives the reason', (name, note, flags) => {
  const file = createCertificate(name)
  const certificate = { certificate: readFileSync(file, 'utf8'), file }

  const lines = createFirstCall({ ...usual, url: 'https://127.0.0.1:7171', certificate })

  expect(lines[0]).toBe(note)
  expect(lines[1]?.replace(file, 'FILE')).toContain(`curl ${flags}`)
})

/** A certificate that is signed by itself, for one name or address. */
function createCertificate(name: string): string {
  const folder = temporaryFolder()
  const [key, file] = [join(folder, 'key.pem'), join(folder, 'certificate.pem')]
  const flags = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2']
  const subject = ['-subj', '/CN=test', '-addext', `subjectAltName=${name}`]
  execFileSync('openssl', ['req', '-x509', ...flags, ...subject, '-keyout', key, '-out', file], {
    stdio: 'ignore',
  })
  return file
}
