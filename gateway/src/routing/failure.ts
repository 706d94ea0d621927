import { type ErrorCode } from '../errors.ts'
import type { Limits } from '../limits.ts'

/**
 * Classifies, in one place, why an upstream gave no answer or only a part of
 * one. Once a head came, what has no name of its own happened within the answer.
 */
export function describeFailure(
  error: Error,
  upstream: string,
  headCame: boolean,
): { code: ErrorCode; message: string } {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const unnamed = headCame || error.name === 'HTTPParserError' ? 'upstream_broke_off' : 'upstream_unreachable'
  const kind = failures[code] ?? unnamed
  return { code: kind, message: `upstream '${upstream}' ${phrases[kind]}${code === '' ? '' : ` (${code})`}` }
}

/** An answer that came, and that a door which translates cannot read. */
export function describeUntranslatable(upstream: string): string {
  return `upstream '${upstream}' sent an answer that cannot be told in the protocol of this door`
}

/** The limit whose end this failure is, if it is one. */
export function findLimit(error: Error): keyof Limits | null {
  return ('code' in error && typeof error.code === 'string' ? reached[error.code] : undefined) ?? null
}

type FailureCode =
  | 'upstream_unreachable'
  | 'upstream_timeout'
  | 'upstream_broke_off'
  | 'answer_too_large'
  | 'answer_unreadable'
  | 'upstream_redirects'

const phrases: Record<FailureCode, string> = {
  upstream_unreachable: 'cannot be reached',
  upstream_timeout: 'did not answer in time',
  upstream_broke_off: 'broke off in the middle of its answer',
  answer_too_large: 'sent an answer larger than this gateway holds',
  upstream_redirects: 'answered with a redirect, which is not followed: it would carry the key elsewhere',
  answer_unreadable: 'sent an answer in an encoding that it was not asked for',
}

/** Codes of Node, undici, wire and our own; before a head every other one means that no connection came about. */
const failures: Readonly<Record<string, FailureCode>> = {
  UND_ERR_HEADERS_TIMEOUT: 'upstream_timeout',
  UND_ERR_BODY_TIMEOUT: 'upstream_timeout',
  CALL_TOO_LONG: 'upstream_timeout',
  UND_ERR_CONNECT_TIMEOUT: 'upstream_unreachable',
  UND_ERR_SOCKET: 'upstream_broke_off',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'upstream_broke_off',
  UND_ERR_HEADERS_OVERFLOW: 'answer_too_large',
  UND_ERR_ABORTED: 'upstream_broke_off',
  ECONNRESET: 'upstream_broke_off',
  EPIPE: 'upstream_broke_off',
  ANSWER_TOO_LARGE: 'answer_too_large',
  sse_frame_too_long: 'answer_too_large',
  ENCODING_UNKNOWN: 'answer_unreadable',
  REDIRECTED: 'upstream_redirects',
  BROKE_OFF: 'upstream_broke_off',
}

const reached: Readonly<Record<string, keyof Limits>> = {
  UND_ERR_HEADERS_TIMEOUT: 'upstreamFirstByteMs',
  UND_ERR_BODY_TIMEOUT: 'upstreamIdleMs',
  CALL_TOO_LONG: 'callMs',
  UND_ERR_CONNECT_TIMEOUT: 'connectMs',
  ANSWER_TOO_LARGE: 'plainAnswerBytes',
  sse_frame_too_long: 'frameBytes',
}
