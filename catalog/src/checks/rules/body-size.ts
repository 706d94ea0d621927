import type { Platform } from '../../model.ts'
import type { CallRule } from '../rule.ts'

/** The maximum body size of each platform. */
export const bodySizeRules: readonly CallRule[] = [
  {
    code: 'body_too_large',
    path: 'body',
    source: 'Errors, November 2025: 32 MB; text inferred',
    hint: 'Send large files through the Files API, or shorten the conversation.',
    refused: { status: 413, type: 'request_too_large' },
    test: ({ body_bytes }, _model, { platform }) =>
      platform === 'anthropic' && (body_bytes ?? 0) > maxBodyBytes ? bodyTooLargeText : null,
  },
  {
    code: 'body_too_large_for_cloud',
    path: 'body',
    source: 'Errors, 2026: Bedrock 20 MB, Google Cloud 30 MB; text of Google Cloud, for Bedrock inferred',
    hint: 'Shorten the conversation, or send it to the Claude API, which accepts 32 MB.',
    test: ({ body_bytes }, _model, { platform }) => {
      const most = cloudBodyBytes[platform]
      if (body_bytes === undefined || most === undefined || body_bytes <= most * 1_000_000) return null
      return `The request size (${body_bytes} bytes) exceeds ${most}.000MB limit.`
    },
  },
]

/** The Claude API's limit, and its error above it (Errors, November 2025). */
export const maxBodyBytes = 32 * 1024 * 1024
export const bodyTooLargeText = 'Request exceeds the maximum size'

/** In millions of bytes, the unit in an error text of Google Cloud. */
const cloudBodyBytes: Partial<Record<Platform, number>> = { bedrock: 20, vertex: 30 }
