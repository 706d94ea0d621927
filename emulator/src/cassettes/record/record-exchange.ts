import { decodeBase64, parseJson } from '@anthology/wire'

import manifest from '../../../package.json' with { type: 'json' }
import { decodeLatin1Text } from '../../media/base64.ts'
import type { EmulatorRequest } from '../../request.ts'
import { redactValue } from '../../requests/redact.ts'
import type { RecordedExchange, RecordedRequest, RecordedResponse } from '../cassette.ts'
import { printExchange } from '../files/print-cassette.ts'
import { listBodySecrets, listRequestSecrets, listResponseSecrets } from '../redaction/known-secrets.ts'
import { createRedactor } from '../redaction/redactor.ts'
import type { RedactionOptions, Redactor } from '../redaction/redactor.ts'
import { describeRequest } from '../requests/describe-request.ts'
import { recordResponse } from '../responses/record-response.ts'
import type { CapturedResponse } from '../responses/record-response.ts'

/** A request with its whole response. */
export interface CapturedExchange {
  readonly request: EmulatorRequest
  /** When the request was sent, in milliseconds since 1970. */
  readonly sentMs: number
  readonly response: CapturedResponse
}

export type RecordingResult =
  | {
      readonly ok: true
      readonly exchange: RecordedExchange
      readonly conversation: string
      /** The exchange as it is printed into a cassette. */
      readonly text: string
    }
  /** The exchange must not or cannot be recorded. The reason contains no secret. */
  | { readonly ok: false; readonly because: string }

export interface ExchangeOptions extends RedactionOptions {
  /** Whether to keep the bodies of requests with a conversation, so that they can be sent again; default false. */
  readonly bodies?: boolean
}

/**
 * Reduces an exchange to what a cassette keeps, with all secrets redacted. An exchange in which a secret would survive
 * is not recorded.
 */
export function recordExchange(
  { request, sentMs, response: captured }: CapturedExchange,
  { secrets = [], patterns, bodies = false }: ExchangeOptions,
): RecordingResult {
  const known = [...secrets, ...listRequestSecrets(request), ...listResponseSecrets(captured.headers)]
  const redactor = createRedactor(known, patterns)
  const described = describeRequest(request, redactor)
  const recorded = recordResponse(captured, redactor)
  if (!recorded.ok) return recorded
  const exchange: RecordedExchange = {
    recorded: new Date(sentMs).toISOString(),
    catalog: manifest.version,
    request: { ...described.request, ...(bodies && readBody(request, described.request, redactor)) },
    response: recorded.response,
  }
  const text = printExchange(exchange)
  // Without the own patterns, which may match dates and hashes of the cassette itself.
  const check = createRedactor(known)
  const texts = [text, described.conversation, ...listBinaryTexts(recorded.response)]
  if (texts.some((part) => check.findSecrets(part).length > 0))
    return { ok: false, because: 'a secret would remain in it after redaction' }
  return { ok: true, exchange, conversation: described.conversation, text }
}

/**
 * The redacted body of a request with a conversation. A short secret is found only by the name of its member, because
 * texts may contain it as a word.
 */
function readBody(
  { body }: EmulatorRequest,
  { turn }: RecordedRequest,
  redactor: Redactor,
): Pick<RecordedRequest, 'body'> {
  if (body === null || turn === undefined) return {}
  const clean = redactor.redactJson(new TextDecoder().decode(body))
  return { body: listBodySecrets(body).length === 0 ? clean : JSON.stringify(redactValue(parseJson(clean))) }
}

/** The bytes of a response that is no text, one character each, so that secrets can be found in them. */
function listBinaryTexts({ base64, events = [] }: RecordedResponse): readonly string[] {
  const binaries = events.flatMap((event) => ('base64' in event ? event.base64 : []))
  return [base64 ?? '', ...binaries].map((text) => decodeLatin1Text(decodeBase64(text) ?? new Uint8Array()))
}
