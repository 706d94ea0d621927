import { type ErrorCode } from '../errors.ts'

/** Classifies, in one place, why an upstream gave no answer or only a part of one. */
export function describeFailure(error: Error, upstream: string): { code: ErrorCode; message: string } {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : ''
  const kind = failures[code] ?? 'upstream_unreachable'
  return { code: kind, message: `upstream '${upstream}' ${phrases[kind]}${code === '' ? '' : ` (${code})`}` }
}

type FailureCode = 'upstream_unreachable' | 'upstream_timeout' | 'upstream_broke_off' | 'answer_too_large'

const phrases: Record<FailureCode, string> = {
  upstream_unreachable: 'cannot be reached',
  upstream_timeout: 'did not answer in time',
  upstream_broke_off: 'broke off in the middle of its answer',
  answer_too_large: 'sent an answer larger than this gateway holds',
}

/** Codes of Node, undici and our own; every other one means that no connection came about. */
const failures: Readonly<Record<string, FailureCode>> = {
  UND_ERR_HEADERS_TIMEOUT: 'upstream_timeout',
  UND_ERR_BODY_TIMEOUT: 'upstream_timeout',
  UND_ERR_CONNECT_TIMEOUT: 'upstream_unreachable',
  UND_ERR_SOCKET: 'upstream_broke_off',
  UND_ERR_RES_CONTENT_LENGTH_MISMATCH: 'upstream_broke_off',
  UND_ERR_ABORTED: 'upstream_broke_off',
  ECONNRESET: 'upstream_broke_off',
  EPIPE: 'upstream_broke_off',
  HPE_INVALID_EOF_STATE: 'upstream_broke_off',
  ANSWER_TOO_LARGE: 'answer_too_large',
  BROKE_OFF: 'upstream_broke_off',
}
