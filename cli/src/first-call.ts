import { X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'

import { suggestModel } from '@anthology/catalog'

import { invocation } from './invocation.ts'
import { createReachableUrl, quoteForShell, reachableHost } from './server-address.ts'

export interface RunningServer {
  readonly url: string
  readonly host: string
  /** Null if it is not shown; the first line then creates one. */
  readonly key: string | null
  /** ` --data DIR`, if the data folder is not the default. */
  readonly elsewhere: string
  /** The TLS certificate chain as PEM, with its file. */
  readonly certificate: { readonly certificate: string; readonly file: string } | undefined
}

/** Command lines for a POSIX shell that send a first call to the server, and work when they are pasted. */
export function createFirstCall({
  url,
  host,
  key,
  elsewhere,
  certificate,
}: RunningServer): readonly string[] {
  const body = {
    model: suggestModel()?.id ?? 'claude-sonnet-5-5',
    max_tokens: 256,
    messages: [{ role: 'user', content: 'Hello, Claude' }],
  }
  const headers = [
    key === null ? '-H "x-api-key: $KEY"' : `-H 'x-api-key: ${key}'`,
    "-H 'anthropic-version: 2023-06-01'",
    "-H 'content-type: application/json'",
  ]
  const trust =
    certificate === undefined
      ? { flag: '', note: [] }
      : chooseTrust(certificate.certificate, certificate.file, reachableHost(host))
  const address = `${createReachableUrl(url, host)}/v1/messages`
  return [
    ...trust.note,
    ...(key === null ? [`KEY=$(${invocation} keys create${elsewhere})`] : []),
    `curl ${trust.flag}${address} ${headers.join(' ')} -d '${JSON.stringify(body)}'`,
  ]
}

interface Trust {
  readonly flag: string
  readonly note: readonly string[]
}

/** The flag with which curl accepts the certificate at this address, and the reason as a shell comment. */
function chooseTrust(pem: string, file: string, host: string): Trust {
  const certificate = new X509Certificate(pem)
  const name = host.replaceAll(/[[\]]/g, '')
  const isForHost = (isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name)) !== undefined
  if (!isForHost) return { flag: '-k ', note: [`# -k: the certificate is not for ${name}`] }
  const isSelfSigned = certificate.checkIssued(certificate)
  if (!isSelfSigned) return { flag: '', note: [] }
  return {
    flag: `--cacert ${quoteForShell(file)} `,
    note: ['# --cacert: the certificate is signed by itself'],
  }
}
