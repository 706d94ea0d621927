import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

import { onTestFinished } from 'vitest'

import type { CloudName } from './clouds.ts'

export const errorKinds = [
  'bad_request',
  'unknown_model',
  'wrong_credential',
  'no_permission',
  'quota',
  'overloaded',
] as const

export type ErrorKind = (typeof errorKinds)[number]

export interface CannedAnswer {
  readonly status: number
  readonly headers?: Readonly<Record<string, string>>
  readonly body: string | Uint8Array
}

/** The words of each error, which a client must be able to read. */
export const words: Readonly<Record<ErrorKind, string>> = {
  bad_request: 'messages.0.content: Input should be a valid list, says the model',
  unknown_model: 'the model is not here',
  wrong_credential: 'the credential is wrong',
  no_permission: 'the account may not do this',
  quota: 'Too many tokens, please wait before trying again.',
  overloaded: 'Overloaded',
}

/** An error in the form in which a cloud sends it (shapes from the vendors' pages and public issue reports). */
export function writeError(cloud: CloudName, kind: ErrorKind): CannedAnswer {
  switch (cloud) {
    case 'anthropic':
    case 'messages':
    case 'mantle':
      return writeWireError(kind)
    case 'invoke':
      return writeBedrockError(kind)
    case 'vertex':
      // The model's side answers in the form of the Claude API.
      return kind === 'bad_request' || kind === 'overloaded' ? writeWireError(kind) : writeGoogleError(kind)
    case 'foundry':
      return kind === 'bad_request' || kind === 'overloaded' ? writeWireError(kind) : writeAzureError(kind)
  }
}

const wireErrors: Readonly<Record<ErrorKind, readonly [number, string]>> = {
  bad_request: [400, 'invalid_request_error'],
  unknown_model: [404, 'not_found_error'],
  wrong_credential: [401, 'authentication_error'],
  no_permission: [403, 'permission_error'],
  quota: [429, 'rate_limit_error'],
  overloaded: [529, 'overloaded_error'],
}

function writeWireError(kind: ErrorKind): CannedAnswer {
  const [status, type] = wireErrors[kind]
  const envelope = { type: 'error', error: { type, message: words[kind] }, request_id: 'req_of_the_upstream' }
  return { status, headers: { 'request-id': 'req_of_the_upstream' }, body: JSON.stringify(envelope) }
}

const bedrockErrors: Readonly<Record<ErrorKind, readonly [number, string]>> = {
  bad_request: [400, 'ValidationException'],
  unknown_model: [404, 'ResourceNotFoundException'],
  wrong_credential: [403, 'UnrecognizedClientException'],
  no_permission: [403, 'AccessDeniedException'],
  quota: [429, 'ThrottlingException'],
  overloaded: [503, 'ServiceUnavailableException'],
}

function writeBedrockError(kind: ErrorKind): CannedAnswer {
  const [status, type] = bedrockErrors[kind]
  return {
    status,
    headers: {
      'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
      'x-amzn-requestid': '00000000-0000-4000-8000-000000000001',
    },
    body: JSON.stringify({ message: words[kind] }),
  }
}

const googleErrors: Readonly<Record<ErrorKind, readonly [number, string]>> = {
  bad_request: [400, 'INVALID_ARGUMENT'],
  unknown_model: [404, 'NOT_FOUND'],
  wrong_credential: [401, 'UNAUTHENTICATED'],
  no_permission: [403, 'PERMISSION_DENIED'],
  quota: [429, 'RESOURCE_EXHAUSTED'],
  overloaded: [503, 'UNAVAILABLE'],
}

/** On streaming paths Google wraps it in an array. */
function writeGoogleError(kind: ErrorKind): CannedAnswer {
  const [code, status] = googleErrors[kind]
  return { status: code, body: JSON.stringify([{ error: { code, message: words[kind], status } }]) }
}

function writeAzureError(kind: ErrorKind): CannedAnswer {
  const [status] = wireErrors[kind]
  const code = kind === 'unknown_model' ? 'DeploymentNotFound' : String(status)
  return {
    status,
    headers: { 'apim-request-id': '00000000-0000-4000-8000-000000000002' },
    body: JSON.stringify({ error: { code, message: words[kind] } }),
  }
}

export interface CannedServer {
  readonly url: string
  /** The bodies that were sent, oldest first. */
  readonly seen: readonly { readonly path: string; readonly headers: object; readonly body: Buffer }[]
}

/** A server with one answer for everything, until the end of the test. */
export async function startCanned(answer: () => CannedAnswer): Promise<CannedServer> {
  const seen: { path: string; headers: object; body: Buffer }[] = []
  const server = createServer((request, response) => {
    const pieces: Buffer[] = []
    request.on('data', (piece: Buffer) => pieces.push(piece))
    request.on('end', () => {
      seen.push({ path: request.url ?? '', headers: request.headers, body: Buffer.concat(pieces) })
      const { status, headers = {}, body } = answer()
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(body)
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(
    () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  )
  // A listening TCP server has an address with a port.
  const { port } = server.address() as AddressInfo
  return { url: `http://127.0.0.1:${port}`, seen }
}
