import { createHash, createHmac } from 'node:crypto'

import { parseBedrockError } from '@anthology/wire'

import type { Authorizer, UnauthorizedRequest } from '../authorized-upstream.ts'
import type { GetAwsIdentity } from './aws-identity.ts'

export interface AwsAuthorizerOptions {
  readonly getIdentity: GetAwsIdentity
  readonly region: string
  /** `bedrock`, or `bedrock-mantle`. */
  readonly service: string
  readonly baseUrl: string
}

/** Signs requests (AWS Signature Version 4), body included. The library is loaded at the first request. */
export function createAwsAuthorizer({
  getIdentity,
  region,
  service,
  baseUrl,
}: AwsAuthorizerOptions): Authorizer {
  const { host, hostname, protocol, port, pathname } = new URL(baseUrl)
  const prefix = pathname.replace(/\/$/, '')
  return {
    authorize: async (request, refresh) => {
      const { sessionName } = request
      const identity = await getIdentity({ forceRefresh: refresh, sessionName })
      const { SignatureV4 } = await (library ??= loadLibrary())
      const signer = new SignatureV4({ credentials: identity, region, service, sha256: Sha256 })
      const [path = '', query = ''] = request.path.split('?')
      const headers = { ...request.headers, host, 'x-amz-content-sha256': hashBody(request) }
      const signed = await signer.sign({
        method: request.method,
        protocol,
        hostname,
        ...(port !== '' && { port: Number(port) }),
        path: prefix + path,
        query: Object.fromEntries(new URLSearchParams(query)),
        headers,
      })
      return signed.headers
    },
    isExpired: ({ status, headers, body }) => {
      const error = parseBedrockError({ status, errorType: headers['x-amzn-errortype'], body })
      // The Messages endpoints of Bedrock answer with error types of the Claude API, and AWS's texts.
      return expired.has(error.type ?? '') || expiredText.test(error.message)
    },
  }
}

/** Importing a loaded module takes longer than keeping it. */
let library: ReturnType<typeof loadLibrary> | null = null

function loadLibrary() {
  return import('@smithy/signature-v4')
}

const expired: ReadonlySet<string> = new Set(['ExpiredTokenException', 'ExpiredToken', 'RequestExpired'])
const expiredText = /^The security token included in the request is expired/

function hashBody({ body }: UnauthorizedRequest): string {
  // Files have streamed bodies, and Bedrock has no files.
  if (body === null) throw new Error('a streamed body cannot be signed')
  const hash = createHash('sha256')
  for (const piece of body) hash.update(piece)
  return hash.digest('hex')
}

/** Node's hash in the form that the signer wants. */
class Sha256 {
  #hash

  constructor(secret?: string | Uint8Array | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', toBytes(secret))
  }

  update(data: string | Uint8Array | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(toBytes(data))
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {}
}

function toBytes(data: string | Uint8Array | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data)
  if (data instanceof Uint8Array) return data
  return data instanceof ArrayBuffer
    ? new Uint8Array(data)
    : new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
}
