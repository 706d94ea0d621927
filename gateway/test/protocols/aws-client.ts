import { createHash, createHmac } from 'node:crypto'

import { EventStreamCodec } from '@smithy/eventstream-codec'
import { SignatureV4 } from '@smithy/signature-v4'
import { expect } from 'vitest'

import type { AwsCredentials } from '../../src/auth/aws-credentials.ts'
import { ask } from '../http-client.ts'
import type { Answer } from '../http-client.ts'
import { localKey, startGateway } from '../running-gateway.ts'
import type { RunningGateway, StartOptions } from '../running-gateway.ts'
import { opus } from '../samples.ts'

/** The AWS credentials of the key that `startAwsGateway` starts with. */
export const awsCredentials: AwsCredentials = {
  accessKeyId: 'AKIAANTHTESTTESTTEST',
  secretAccessKey: 'a-secret-of-forty-letters-as-aws-has-it0',
}

/** The pinned model of most tests, by its Bedrock ids. */
export const bedrockOpus = 'anthropic.claude-opus-4-1-20250805-v1:0'
export const profileOpus = `us.${bedrockOpus}`

/** A body of InvokeModel as AWS clients write it. */
export const invokeBody =
  '{"anthropic_version":"bedrock-2023-05-31","max_tokens":100,"messages":[{"role":"user","content":"Hello"}]}'

/** A gateway with one key, which has AWS credentials. */
export function startAwsGateway(options: StartOptions = {}): Promise<RunningGateway> {
  const keys = [{ id: 'key_local', name: 'local', secret: localKey, aws: awsCredentials }]
  return startGateway({ keys, ...options })
}

export interface Signing {
  readonly method?: string
  readonly body?: string | Uint8Array
  readonly headers?: Readonly<Record<string, string>>
  readonly awsCredentials?: AwsCredentials & { readonly sessionToken?: string }
  readonly service?: string
  readonly region?: string
  /** The time according to the client. */
  readonly nowMs?: number
}

/** The headers of a request signed by AWS's own library; `path` is raw and may have a query. */
export async function sign(origin: string, path: string, signing: Signing = {}): Promise<Headers> {
  const { method = 'POST', body = '', headers = {}, service = 'bedrock', region = 'us-east-1' } = signing
  const signer = new SignatureV4({
    credentials: signing.awsCredentials ?? awsCredentials,
    region,
    service,
    sha256: Sha256,
    applyChecksum: false,
  })
  const [pathname = '', query = ''] = path.split('?')
  const { host, hostname, protocol } = new URL(origin)
  const signed = await signer.sign(
    {
      method,
      protocol,
      hostname,
      path: pathname,
      query: Object.fromEntries(new URLSearchParams(query)),
      headers: { host, ...headers },
      body,
    },
    { signingDate: new Date(signing.nowMs ?? Date.now()) },
  )
  return signed.headers
}

type Headers = Record<string, string>

/** Signs a request and sends it. */
export async function askSigned(
  gateway: { readonly url: string },
  path: string,
  signing: Signing = {},
): Promise<Answer> {
  const { method = 'POST', body = '' } = signing
  const headers = await sign(gateway.url, path, signing)
  return ask(gateway.url + path, { method, headers, ...(method === 'POST' && { body }) })
}

/** Posts a body of InvokeModel for the pinned model, signed. */
export function invoke(
  gateway: { readonly url: string },
  body: string | Uint8Array = invokeBody,
  operation = 'invoke',
): Promise<Answer> {
  return askSigned(gateway, `/model/${profileOpus}/${operation}`, { body })
}

/** One message of an AWS event stream, decoded by AWS's own codec. */
export interface StreamMessage {
  readonly headers: Readonly<Record<string, unknown>>
  readonly payload: string
}

export function readMessages(body: Uint8Array): readonly StreamMessage[] {
  const codec = new EventStreamCodec(toText, (text) => Buffer.from(text))
  const messages: StreamMessage[] = []
  const view = new DataView(body.buffer, body.byteOffset, body.byteLength)
  for (let at = 0; at < body.byteLength;) {
    const length = view.getUint32(at)
    const { headers, body: payload } = codec.decode(body.subarray(at, at + length))
    const values = Object.entries(headers).map(([name, { value }]) => [name, value])
    messages.push({ headers: Object.fromEntries(values), payload: toText(payload) })
    at += length
  }
  return messages
}

/** The bytes of the events in an InvokeModel stream. */
export function readChunks(body: Uint8Array): readonly string[] {
  return readMessages(body).map(({ headers, payload }) => {
    expect(headers[':event-type']).toBe('chunk')
    // Each payload of such a message is an object with base64 in it.
    const { bytes } = JSON.parse(payload) as { bytes: string }
    return Buffer.from(bytes, 'base64').toString()
  })
}

/** An AWS exception, as its clients parse it. */
export function expectException(
  answer: Answer,
  { status, type, says }: { status: number; type: string; says: RegExp | string },
  what = '',
): void {
  expect(answer.status, what).toBe(status)
  expect(answer.headers['x-amzn-errortype']?.toString().split(':')[0], what).toBe(type)
  expect(answer.headers['x-amzn-requestid'], what).toMatch(/^req_/)
  const message = typeof says === 'string' ? says : expect.stringMatching(says)
  expect(JSON.parse(answer.text), what).toEqual({ message })
}

/** The Messages body that corresponds to `invokeBody`. */
export const messagesBody = `{"max_tokens":100,"messages":[{"role":"user","content":"Hello"}],"model":"${opus}"}`

/** The hash function for AWS's library. */
class Sha256 {
  #hash

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash('sha256') : createHmac('sha256', toBytes(secret))
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(toBytes(data))
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest()
  }

  reset(): void {
    throw new Error('it is used once')
  }
}

function toText(bytes: Uint8Array | string): string {
  return Buffer.from(bytes).toString()
}

function toBytes(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === 'string') return Buffer.from(data)
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data)
}
