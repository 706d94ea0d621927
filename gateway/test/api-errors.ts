import { expect } from 'vitest'

import { readEnvelope } from './http-client.ts'
import type { Answer } from './http-client.ts'
import type { RawAnswer } from './raw-client.ts'
import type { RunningGateway } from './running-gateway.ts'
import { callBody, message } from './samples.ts'

/** The response is an error in the protocol's format, with the same request id in body and headers. */
export function expectEnvelope(
  answer: Answer,
  { status, type, says, errorCode }: { status: number; type: string; says: RegExp; errorCode?: string },
  what = '',
): void {
  expect(answer.status, what).toBe(status)
  expect(answer.headers['content-type'], what).toBe('application/json')
  expect(readEnvelope(answer.text), what).toEqual({
    type: 'error',
    error: {
      type,
      message: expect.stringMatching(says),
      ...(errorCode !== undefined && { details: { error_code: errorCode } }),
    },
    request_id: answer.headers['request-id'],
  })
}

export function expectRawEnvelope(
  answer: RawAnswer | undefined,
  status: number,
  type = 'invalid_request_error',
): void {
  expect(answer?.status).toBe(status)
  const id = /^request-id: (req_\w+)\r?$/im.exec(answer?.head ?? '')?.[1]
  expect(readEnvelope(answer?.body ?? '')).toEqual({
    type: 'error',
    error: { type, message: expect.stringMatching(/.{10}/) },
    request_id: id,
  })
  expect(id).toBeDefined()
}

/** The ledger is empty, no upstream was called, and the next call is served. */
export async function expectUntouched(
  gateway: RunningGateway,
  upstream: { readonly requests: readonly unknown[] },
): Promise<void> {
  expect(gateway.rows()).toEqual([])
  expect(upstream.requests).toEqual([])
  const next = await gateway.post(callBody)
  expect(next.text).toBe(message)
}
