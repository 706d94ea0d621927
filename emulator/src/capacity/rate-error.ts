import type { Model } from '@anthology/catalog'

import type { ApiError } from '../http/reply.ts'
import type { Demand } from './demand.ts'

/** A 429 and its headers, including `retry-after`. */
export interface RateError {
  readonly ok: false
  readonly error: ApiError
  readonly headers: Readonly<Record<string, string>>
}

export interface LimitedCall {
  readonly organizationId: string
  readonly model: Model
  readonly day: string
}

/** The texts of 2025 and of 2026 are from public issue reports; the day of the change is inferred. */
export function explainLimit(
  { name, bucket, kind }: Demand,
  { organizationId, model, day }: LimitedCall,
): string {
  const unit = `${kind === 'fast' ? 'fast mode ' : ''}${name.replace('-', ' ')}`
  const limit = `${bucket.limit.toLocaleString('en-US')} ${unit} per minute`
  if (day < newTextSince)
    return (
      `This request would exceed the rate limit for your organization (${organizationId}) of ${limit}. ` +
      `For details, refer to: https://docs.anthropic.com/en/api/rate-limits. ${advice} ` +
      'https://www.anthropic.com/contact-sales to discuss your options for a rate limit increase.'
    )
  return (
    `This request would exceed your organization's rate limit of ${limit} (org: ${organizationId}, ` +
    `model: ${model.id}). For details, refer to: https://docs.claude.com/en/api/rate-limits. ${advice} ` +
    'https://claude.com/contact-sales to discuss your options for a rate limit increase.'
  )
}

const newTextSince = '2026-01-01'
const advice =
  'You can see the response headers for current usage. Please reduce the prompt length or the maximum tokens ' +
  'requested, or try again later. You may also contact sales at'
