// Signature Version 4 for one fixed request, as a client of Amazon Bedrock signs it. Written by hand,
// because the load repeats one signed request for less than the five minutes in which a signature is valid,
// so no SDK is needed.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
import { createHmac, hash } from 'node:crypto'

/**
 * The AWS credentials with which the server under test is started. The secret has the form of a real one, because the
 * search for secrets in answers is faster for letters at random than for words.
 */
export const awsCredentials = {
  accessKeyId: 'AKIABENCHBENCHBENCHB',
  secretAccessKey: hash('sha256', 'secret of the bench', 'base64').slice(0, 40),
}

export interface Unsigned {
  readonly host: string
  /** The encoded path, as in the request line. */
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: Buffer
}

/** The headers of a POST, including the signature. */
export function signHeaders({ host, path, headers, body }: Unsigned, now: Date): Record<string, string> {
  const moment = now.toISOString().replace(/[-:]|\.\d+/g, '')
  const signed = { ...headers, host, 'x-amz-content-sha256': hash('sha256', body), 'x-amz-date': moment }
  const entries = Object.entries(signed).sort(([one], [other]) => (one < other ? -1 : 1))
  const names = entries.map(([name]) => name).join(';')
  const canonical = [
    'POST',
    path.split('/').map(encodeURIComponent).join('/'),
    '',
    ...entries.map(([name, value]) => `${name}:${value}`),
    '',
    names,
    signed['x-amz-content-sha256'],
  ].join('\n')
  const day = moment.slice(0, 8)
  const scope = `${day}/${region}/bedrock/aws4_request`
  const key = [day, region, 'bedrock', 'aws4_request'].reduce<string | Buffer>(
    hmac,
    `AWS4${awsCredentials.secretAccessKey}`,
  )
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${moment}\n${scope}\n${hash('sha256', canonical)}`).toString(
    'hex',
  )
  const credential = `Credential=${awsCredentials.accessKeyId}/${scope}`
  const { host: _, ...sent } = signed
  return {
    ...sent,
    authorization: `AWS4-HMAC-SHA256 ${credential}, SignedHeaders=${names}, Signature=${signature}`,
  }
}

const region = 'us-east-1'

function hmac(key: string | Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest()
}
