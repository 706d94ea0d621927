import NewestAnthropic from '@anthropic-ai/sdk'
import Anthropic060 from 'anthropic-sdk-0-60'
import { expect } from 'vitest'

/** An official SDK under test. */
export interface Sdk {
  readonly name: string
  readonly Anthropic: typeof Anthropic060
  /** Its default API version. */
  readonly apiVersion: '2023-06-01' | '2026-10-21'
  /** Options that select version 2023-06-01, if it is not the default. */
  readonly versionOf2023: Readonly<Record<string, string>>
}

export const sdk060: Sdk = {
  name: 'SDK 0.60.0',
  Anthropic: Anthropic060,
  apiVersion: '2023-06-01',
  versionOf2023: {},
}

export const newestSdk: Sdk = {
  name: 'SDK 1.14.0',
  // Both SDKs have the same names for everything that these tests call; the tests show that they also behave alike.
  // The newest types omit `temperature` and `top_p`, which its default API version no longer accepts.
  Anthropic: NewestAnthropic as unknown as typeof Anthropic060,
  apiVersion: '2026-10-21',
  versionOf2023: { 'anthropic-version': '2023-06-01' },
}

export const sdks: readonly Sdk[] = [newestSdk, sdk060]

export interface Aim {
  readonly baseUrl: string
  readonly key: string
}

/** A client of one SDK for one server, without retries: an expectation is about one response. */
export function createClient(
  sdk: Sdk,
  { baseUrl, key }: Aim,
  headers: Record<string, string> = {},
): Anthropic060 {
  return new sdk.Anthropic({
    baseURL: baseUrl,
    apiKey: key,
    // Null, because the SDKs read an absent value from the environment.
    authToken: null,
    maxRetries: 0,
    defaultHeaders: headers,
  })
}

/** The newest SDK with its own types, for features that the old one lacks. */
export function createNewestClient({ baseUrl, key }: Aim): NewestAnthropic {
  return new NewestAnthropic({ baseURL: baseUrl, apiKey: key, authToken: null, maxRetries: 0 })
}

/** The error of a call. */
export async function toFailure(promise: PromiseLike<unknown>): Promise<unknown> {
  return promise.then(
    () => expect.unreachable('this should have been refused'),
    (error: unknown) => error,
  )
}

/** The status of a call, 200 on success. */
export async function getStatus(promise: PromiseLike<unknown>): Promise<unknown> {
  return promise.then(
    () => 200,
    (error: { status?: number }) => error.status,
  )
}

/** Type and text of an error from the server. */
export function getWireError(error: unknown): { type: string; message: string; requestId: string } {
  // Both SDKs keep the body of an error unchanged.
  const { error: body } = error as { error: { error: { type: string; message: string }; request_id: string } }
  return { type: body.error.type, message: body.error.message, requestId: body.request_id }
}
