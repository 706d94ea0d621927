import type { ErrorCode } from '../errors.ts'
import type { CallOutcome } from '../ledger/call-row.ts'
import type { LimitName } from '../limits.ts'

/** The effect of one kind of failure on the attempt, the client, the ledger and the metrics. */
interface FailureRule {
  /** The error for the client if nothing was sent to it yet: a row of `errors`. */
  readonly error: ErrorCode
  /** Completes "upstream 'name' …" in that error's message. */
  readonly phrase: string
  /** The message of a failure that is not the upstream's, in place of the phrase. */
  readonly message?: string
  /** The outcome in the ledger and the metrics. */
  readonly outcome: Exclude<CallOutcome, 'unknown'>
  /**
   * True if the upstream cannot have billed the call, so the call may move to the next upstream. An upstream that
   * received the request may have answered it, and asking another one could cost the call twice.
   */
  readonly mayMove: boolean
  /** True if the upstream may bill the request although its answer is lost: what it did not report is estimated. */
  readonly mayBeBilled: boolean
  /** What becomes unhealthy: the circuit of the model at the upstream; or the model there, at once and for minutes. */
  readonly harms: 'circuit' | 'model' | null
  /** True if the same upstream closed an idle connection as the request arrived, so the request may be sent once more. */
  readonly mayRepeat?: boolean
}

const aborted = { outcome: 'upstream_aborted', mayMove: false, mayBeBilled: true, harms: 'circuit' } as const

/** Every way in which an attempt can fail. Attempt, relay, ledger and metrics all use this table. */
export const failureRules = {
  unreachable: {
    ...aborted,
    error: 'upstream_unreachable',
    phrase: 'cannot be reached',
    mayMove: true,
    mayBeBilled: false,
  },
  /** Asking again would bring the same certificate. */
  untrusted_certificate: {
    ...aborted,
    error: 'upstream_unreachable',
    phrase: 'has a TLS certificate that is not trusted',
    mayMove: true,
    mayBeBilled: false,
  },
  redirected: {
    ...aborted,
    error: 'upstream_redirects',
    phrase: 'sent a redirect, which is not followed because it would send the credential to another host',
    mayMove: true,
    mayBeBilled: false,
  },
  timed_out: { ...aborted, error: 'upstream_timeout', phrase: 'did not respond in time' },
  stale_connection: {
    ...aborted,
    error: 'upstream_broke_off',
    phrase: 'closed the connection without a response',
    mayBeBilled: false,
    mayRepeat: true,
  },
  closed: { ...aborted, error: 'upstream_broke_off', phrase: 'closed the connection without a response' },
  broke_off: { ...aborted, error: 'upstream_broke_off', phrase: 'aborted its response' },
  broken_event: { ...aborted, error: 'upstream_broke_off', phrase: 'sent an event without its JSON' },
  too_large: {
    ...aborted,
    error: 'answer_too_large',
    phrase: 'sent a response larger than this gateway accepts',
  },
  wrong_encoding: {
    ...aborted,
    error: 'answer_unreadable',
    phrase: 'sent a response with an unsupported content-encoding',
  },
  untranslatable: {
    ...aborted,
    error: 'answer_unreadable',
    phrase: 'sent a response that cannot be translated to this API',
  },
  /** The answer may have been billed, and asking again would bring the same kind. */
  streamed_unasked: {
    ...aborted,
    error: 'answer_unreadable',
    phrase: 'sent a stream although the request asked for one message',
  },
  not_streamed: {
    ...aborted,
    error: 'answer_unreadable',
    phrase: 'sent one message although the request asked for a stream',
  },
  not_an_answer: {
    ...aborted,
    error: 'upstream_broke_off',
    phrase: 'sent a success status without an answer of the Messages API',
  },
  credential_rejected: {
    harms: null,
    outcome: 'upstream_error',
    mayMove: true,
    mayBeBilled: false,
    error: 'upstream_credential',
    phrase: "does not accept this gateway's credential",
  },
  /** The source of the credential failed, so the request was not sent. */
  credential_unavailable: {
    harms: null,
    outcome: 'upstream_error',
    mayMove: true,
    mayBeBilled: false,
    error: 'upstream_credential',
    phrase: 'has no credential now',
  },
  account_not_permitted: {
    harms: 'circuit',
    outcome: 'upstream_error',
    mayMove: true,
    mayBeBilled: false,
    error: 'upstream_credential',
    phrase: "does not permit the call to this gateway's account",
  },
  model_not_permitted: {
    harms: 'model',
    outcome: 'upstream_error',
    mayMove: true,
    mayBeBilled: false,
    error: 'upstream_credential',
    phrase: "does not permit the model to this gateway's account",
  },
  key_revoked: {
    harms: null,
    outcome: 'key_revoked',
    mayMove: false,
    mayBeBilled: true,
    error: 'key_revoked',
    phrase: '',
    message: 'this key was revoked',
  },
  /** The time that running calls have after the signal to stop is over. */
  shutting_down: {
    harms: null,
    outcome: 'shut_down',
    mayMove: false,
    mayBeBilled: true,
    error: 'shutting_down',
    phrase: '',
    message: 'the gateway is shutting down; send the request again',
  },
} as const satisfies Record<string, FailureRule>

export type FailureKind = keyof typeof failureRules

/** One failure of one attempt. The message is safe to show. */
export interface Failure extends FailureRule {
  readonly kind: FailureKind
  readonly message: string
  /** More for the operator's log, which no client may see: how a credential was looked for, or which proxy failed. */
  readonly detail?: string
  /** The limit that was exceeded, if any. */
  readonly limit: LimitName | null
}

/** Error codes of Node, undici, wire and the gateway, with their kind of failure and the exceeded limit. */
const codes: Readonly<Record<string, readonly [FailureKind, LimitName?]>> = {
  UND_ERR_CONNECT_TIMEOUT: ['unreachable', 'connectMs'],
  PROXY_UNREACHABLE: ['unreachable'],
  PROXY_TIMEOUT: ['unreachable', 'connectMs'],
  PROXY_AUTHENTICATION: ['unreachable'],
  PROXY_REFUSED: ['unreachable'],
  UND_ERR_HEADERS_TIMEOUT: ['timed_out', 'upstreamFirstByteMs'],
  UND_ERR_BODY_TIMEOUT: ['timed_out', 'upstreamIdleMs'],
  CALL_TOO_LONG: ['timed_out', 'callMs'],
  TOO_MANY_INTERIM_RESPONSES: ['timed_out'],
  STALE_CONNECTION: ['stale_connection'],
  NO_RESPONSE: ['closed'],
  UND_ERR_SOCKET: ['broke_off'],
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: ['broke_off'],
  UND_ERR_ABORTED: ['broke_off'],
  ECONNRESET: ['broke_off'],
  EPIPE: ['broke_off'],
  BROKE_OFF: ['broke_off'],
  UND_ERR_HEADERS_OVERFLOW: ['too_large'],
  ANSWER_TOO_LARGE: ['too_large', 'plainAnswerBytes'],
  sse_frame_too_long: ['too_large', 'frameBytes'],
  ENCODING_UNKNOWN: ['wrong_encoding'],
  REDIRECTED: ['redirected'],
  CREDENTIAL_UNAVAILABLE: ['credential_unavailable'],
  KEY_REVOKED: ['key_revoked'],
  SHUTTING_DOWN: ['shutting_down'],
}

/**
 * Classifies the error of an upstream's request. A code without a row means that no connection was established,
 * unless a response had begun (`headCame`) or its head could not be parsed.
 */
export function classifyFailure(error: Error, upstream: string, headCame: boolean): Failure {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const unconnected = certificateCodes.test(code) ? 'untrusted_certificate' : 'unreachable'
  const unnamed = headCame || error.name === 'HTTPParserError' ? 'broke_off' : unconnected
  const [kind, limit = null] = codes[code] ?? [unnamed]
  const failure = describeFailure(kind, upstream, { code, limit })
  return explainedCodes.test(code) ? { ...failure, detail: error.message } : failure
}

/** The errors whose message says what was tried, and what to do. */
const explainedCodes = /^(?:CREDENTIAL_UNAVAILABLE$|PROXY_)/

/** The results of verifying a certificate, and the check of its names ("X509 certificate error codes", tls, Node.js). */
const certificateCodes =
  /^(?:CERT_|UNABLE_TO_|(?:DEPTH_ZERO_)?SELF_SIGNED_CERT|ERR_TLS_CERT_|HOSTNAME_MISMATCH$|INVALID_(?:CA|PURPOSE)$|PATH_LENGTH_EXCEEDED$)/

/** The failure of a complete response. `words` are the upstream's own, for the client. */
export function createFailure(kind: FailureKind, upstream: string, words = ''): Failure {
  const failure = describeFailure(kind, upstream, { code: '', limit: null })
  return words === '' ? failure : { ...failure, message: `${failure.message}: ${words}` }
}

function describeFailure(
  kind: FailureKind,
  upstream: string,
  { code, limit }: { readonly code: string; readonly limit: LimitName | null },
): Failure {
  const rule: FailureRule = failureRules[kind]
  const message = rule.message ?? `upstream '${upstream}' ${rule.phrase}${code === '' ? '' : ` (${code})`}`
  return { ...rule, kind, message, limit }
}
