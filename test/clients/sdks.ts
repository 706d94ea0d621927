import NewestAnthropic from '@anthropic-ai/sdk'
import Anthropic060 from 'anthropic-sdk-0-60'
import { expect } from 'vitest'

/** An official SDK under test. */
export interface Sdk {
  readonly name: string
  readonly Anthropic: typeof Anthropic060
  /** The API version that it speaks by itself. */
  readonly apiVersion: '2023-06-01' | '2026-10-21'
  /** What makes it speak version 2023-06-01 where it does not by itself. */
  readonly versionOf2023: Readonly<Record<string, string>>
}

export const sdk060: Sdk = {
  name: 'SDK 0.60.0',
  Anthropic: Anthropic060,
  apiVersion: '2023-06-01',
  versionOf2023: {},
}

export const newestSdk: Sdk = {
  name: 'SDK 1.12.0',
  // What these tests call is called alike in both; that it also behaves alike is what they are for. The newest
  // types leave out `temperature` and `top_p`, which its own default API version no longer takes.
  Anthropic: NewestAnthropic as unknown as typeof Anthropic060,
  apiVersion: '2026-10-21',
  versionOf2023: { 'anthropic-version': '2023-06-01' },
}

export const sdks: readonly Sdk[] = [newestSdk, sdk060]

export interface Aim {
  readonly baseUrl: string
  readonly key: string
}

/** A client of one SDK for one server. Nothing is retried: an expectation is about one answer. */
export function createClient(
  sdk: Sdk,
  { baseUrl, key }: Aim,
  headers: Record<string, string> = {},
): Anthropic060 {
  return new sdk.Anthropic({
    baseURL: baseUrl,
    apiKey: key,
    // Null, not left out: the SDKs would read it from the environment.
    authToken: null,
    maxRetries: 0,
    defaultHeaders: headers,
  })
}

/** The newest SDK with its own types, for what the old one has not. */
export function createNewestClient({ baseUrl, key }: Aim): NewestAnthropic {
  return new NewestAnthropic({ baseURL: baseUrl, apiKey: key, authToken: null, maxRetries: 0 })
}

/** What a call failed with. */
export async function toFailure(promise: PromiseLike<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('this should have been refused'),
    (error: unknown) => error,
  )
}

/** 200, or the status with which a call was refused. */
export async function getStatus(promise: PromiseLike<unknown>): Promise<unknown> {
  return promise.then(
    () => 200,
    (error: { status?: number }) => error.status,
  )
}

/** Type and text of an error as the server sent it. */
export function getWireError(error: unknown): { type: string; message: string; requestId: string } {
  // The body of a refused request: both SDKs keep it as it came.
  const { error: body } = error as { error: { error: { type: string; message: string }; request_id: string } }
  return { type: body.error.type, message: body.error.message, requestId: body.request_id }
}
