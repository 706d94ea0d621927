import { createHash, createHmac } from 'node:crypto'

import { SignatureV4 } from '@smithy/signature-v4'
import { parseBedrockError } from '@anthology/wire'

import type { Authorizer, UnauthorizedRequest } from '../authorized-upstream.ts'

/** Credentials of AWS, as its libraries return them. */
export interface AwsIdentity {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiration?: Date
}

export interface AwsAuthorizerOptions {
  /** Returns credentials; called for each request, so it caches. */
  readonly getIdentity: (options: { readonly forceRefresh: boolean }) => Promise<AwsIdentity>
  readonly region: string
  /** `bedrock`, or `bedrock-mantle`. */
  readonly service: string
  readonly baseUrl: string
}

/** Signs requests (AWS Signature Version 4), body included. */
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
      const identity = await getIdentity({ forceRefresh: refresh })
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
      const { type } = parseBedrockError({ status, errorType: headers['x-amzn-errortype'], body })
      return type !== null && expired.has(type)
    },
  }
}

const expired: ReadonlySet<string> = new Set(['ExpiredTokenException', 'ExpiredToken', 'RequestExpired'])

function hashBody({ body }: UnauthorizedRequest): string {
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
