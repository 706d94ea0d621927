import {
  encodeError,
  getErrorType,
  parseJson,
  readError,
  readRecord,
  readText,
  toSentence,
} from '@anthology/wire'
import type { Receiver, WireErrorType } from '@anthology/wire'

import { platformStatusHeader } from '../http/headers.ts'

/** An error of a cloud in terms of the Messages API. The message is the cloud's own. */
export interface CloudError {
  readonly wireStatus: number
  readonly wireType: WireErrorType
  readonly message: string
}

/** A complete answer of a cloud. */
export interface CloudAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

export interface CloudReceiverOptions {
  /** Converts headers of a success to those of the Messages API. */
  readonly convertHeaders: (headers: Readonly<Record<string, string>>) => Record<string, string>
  readonly readError: (answer: CloudAnswer) => CloudError
  /** Chooses the conversion of a success by its headers; undefined: its bytes stay as they are. */
  readonly chooseConversion?: (headers: Readonly<Record<string, string>>) => Conversion | undefined
}

/** Converts the chunks of an answer; both functions return the bytes to pass on. */
export interface Conversion {
  push(bytes: Uint8Array): Uint8Array
  end(): Uint8Array
}

/** The bytes of an error that are read; the rest is dropped. */
const maxErrorBytes = 64 * 1024

/** Receives the answer of a cloud and passes it on in the form of the Messages API: successes as they come, errors whole. */
export function createCloudReceiver(
  inner: Receiver,
  { convertHeaders, readError: readCloudError, chooseConversion }: CloudReceiverOptions,
): Receiver {
  let failed: { readonly status: number; readonly headers: Readonly<Record<string, string>> } | null = null
  let conversion: Conversion | undefined
  const pieces: Uint8Array[] = []
  let size = 0
  let isOver = false
  const fail = (error: unknown): void => {
    if (isOver) return
    isOver = true
    inner.fail(error instanceof Error ? error : new Error(String(error)))
  }
  const send = (make: () => Uint8Array): boolean => {
    if (isOver) return true
    try {
      const bytes = make()
      return bytes.length === 0 || inner.chunk(bytes)
    } catch (error) {
      fail(error)
      return true
    }
  }
  /** An error of the model's side has the form of the Claude API, and stays as it came. */
  const toWireError = (
    answer: CloudAnswer,
    requestId: string | null,
  ): Pick<CloudAnswer, 'status' | 'body'> => {
    if (isWireError(answer.body)) return answer
    const { wireStatus, wireType, message } = readCloudError(answer)
    const text = toSentence(answer.status, message)
    return { status: wireStatus, body: encodeError({ type: wireType, message: text, requestId }) }
  }
  return {
    head: (status, headers) => {
      if (status >= 400) {
        failed = { status, headers }
        return
      }
      conversion = chooseConversion?.(headers)
      inner.head(status, convertHeaders(headers))
    },
    chunk: (bytes) => {
      if (failed === null) return send(() => conversion?.push(bytes) ?? bytes)
      if (size < maxErrorBytes) pieces.push(bytes)
      size += bytes.length
      return true
    },
    end: () => {
      if (failed === null) {
        send(() => conversion?.end() ?? noBytes)
        if (!isOver) inner.end()
        return
      }
      const { 'request-id': requestId, ...headers } = convertHeaders(failed.headers)
      const { status, body } = toWireError({ ...failed, body: Buffer.concat(pieces) }, requestId ?? null)
      inner.head(status, {
        ...headers,
        ...(requestId !== undefined && { 'request-id': requestId }),
        [platformStatusHeader]: String(failed.status),
        'content-type': 'application/json',
        'content-length': String(body.length),
      })
      inner.chunk(body)
      inner.end()
    },
    fail,
  }
}

/** Reads an error of an API that is not known in more detail: its status tells the type. */
export function readAnyError({ status, body }: CloudAnswer): CloudError {
  return { wireStatus: status, wireType: getErrorType(status), message: readError(status, body).message }
}

function isWireError(body: Uint8Array): boolean {
  const value = parseJson(new TextDecoder().decode(body))
  const error = readRecord(value, 'error')
  return (
    readText(value, 'type') === 'error' &&
    readText(error, 'type') !== null &&
    readText(error, 'message') !== null
  )
}

/** Collects a whole answer and converts it at its end. */
export function convertWhole(convert: (body: Uint8Array) => Uint8Array): Conversion {
  const pieces: Uint8Array[] = []
  return {
    push: (bytes) => {
      pieces.push(bytes)
      return noBytes
    },
    end: () => convert(Buffer.concat(pieces)),
  }
}

const noBytes = new Uint8Array()
