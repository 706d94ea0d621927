import { createHash, createHmac } from 'node:crypto'

import { canonicalHead, deriveSigningKey } from '@anthology/wire'

/** A request that is to be signed; `path` is the whole path, as it is sent. */
export interface Signable {
  readonly method: string
  readonly host: string
  readonly path: string
  readonly body: string
}

/** Signs a request (AWS Signature Version 4) for the service `bedrock` in us-east-1, and returns its headers. */
export function signRequest(
  { method, host, path, body }: Signable,
  credentials: { readonly accessKeyId: string; readonly secretAccessKey: string },
  nowMs: number,
): Readonly<Record<string, string>> {
  const signedAt = new Date(nowMs).toISOString().replaceAll(/[-:]|\.\d{3}/g, '')
  const scope = { date: signedAt.slice(0, 8), region: 'us-east-1', service: 'bedrock' }
  const bodyHash = hashes.sha256(body)
  const headers = { host, 'x-amz-content-sha256': bodyHash, 'x-amz-date': signedAt }
  const names = Object.keys(headers)
  const canonical = `${canonicalHead({ method, target: path, headers }, names)}${bodyHash}`
  const scopeText = `${scope.date}/${scope.region}/${scope.service}/aws4_request`
  const text = ['AWS4-HMAC-SHA256', signedAt, scopeText, hashes.sha256(canonical)].join('\n')
  const signingKey = deriveSigningKey(credentials.secretAccessKey, scope, hashes)
  const signature = Buffer.from(hashes.hmacSha256(signingKey, text)).toString('hex')
  const authorization = `AWS4-HMAC-SHA256 Credential=${credentials.accessKeyId}/${scopeText}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return { 'x-amz-content-sha256': bodyHash, 'x-amz-date': signedAt, authorization }
}

const hashes = {
  sha256: (data: Uint8Array | string): string => createHash('sha256').update(data).digest('hex'),
  hmacSha256: (key: Uint8Array, text: string): Uint8Array => createHmac('sha256', key).update(text).digest(),
}
