import NewestAnthropic from '@anthropic-ai/sdk'
import Anthropic060 from 'anthropic-sdk-0-60'

/** An official SDK under test. */
export interface Sdk {
  readonly name: string
  readonly Anthropic: typeof Anthropic060
  /** What makes it speak API version 2023-06-01: the newest one speaks 2026-10-21 unless told otherwise. */
  readonly versionOf2023: Readonly<Record<string, string>>
}

export const sdk060: Sdk = { name: 'SDK 0.60.0', Anthropic: Anthropic060, versionOf2023: {} }

export const newestSdk: Sdk = {
  name: 'SDK 1.12.0',
  // What these tests call is called alike in both; that it also behaves alike is what they are for. The newest
  // types leave out `temperature` and `top_p`, which its own default API version no longer takes.
  Anthropic: NewestAnthropic as unknown as typeof Anthropic060,
  versionOf2023: { 'anthropic-version': '2023-06-01' },
}

export const sdks: readonly Sdk[] = [newestSdk, sdk060]

export interface Aim {
  readonly baseUrl: string
  readonly key: string
}

/** A client of one SDK for one server. Nothing is retried: an expectation is about one answer. */
export function createClient(sdk: Sdk, { baseUrl, key }: Aim, headers: Record<string, string> = {}): Anthropic060 {
  return new sdk.Anthropic({
    baseURL: baseUrl,
    apiKey: key,
    // Null, not left out: the SDKs would read it from the environment.
    authToken: null,
    maxRetries: 0,
    defaultHeaders: headers,
  })
}

/** Type and text of an error as the server sent it. */
export function wireErrorOf(error: unknown): { type: string; message: string; requestId: string } {
  // The body of a refused request: both SDKs keep it as it came.
  const { error: body } = error as { error: { error: { type: string; message: string }; request_id: string } }
  return { type: body.error.type, message: body.error.message, requestId: body.request_id }
}
