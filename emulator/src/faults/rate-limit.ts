import { getEffectiveDay } from '@anthology/catalog'
import { parseJson, readText } from '@anthology/wire'

import { findModel } from '../api/served-models.ts'
import type { Route } from '../api/route.ts'
import { createRateHeaders } from '../capacity/demand.ts'
import type { Demand } from '../capacity/demand.ts'
import { explainLimit } from '../capacity/rate-error.ts'
import type { TokenBucket } from '../capacity/token-bucket.ts'
import type { Exchange } from '../scenario/exchange.ts'
import type { Settings } from '../options/settings.ts'
import type { RateLimit } from './error-texts.ts'

/** The headers and the text of the 429 of an exhausted limit. */
export interface RateLimitAnswer {
  readonly headers: Readonly<Record<string, string>>
  /** The text that names the limit; null: the request names no model that has one. */
  readonly message: string | null
}

/**
 * Describes a limit as exhausted: nothing is left of it, and it is full again after a minute, or after `retryAfterSeconds`
 * if that is longer. The other limits are as the calls so far left them, and no later call is rejected for it. The group
 * `tokens` shows the most restrictive limit (docs.claude.com, api/rate-limits), which is then the exhausted one.
 */
export function describeRateLimit(
  limit: RateLimit,
  { route, exchange, retryAfterSeconds }: LimitedRequest,
  settings: Settings,
): RateLimitAnswer {
  const retryAfter = { 'retry-after': String(retryAfterSeconds ?? minWaitSeconds) }
  const { servedModels, capacity, now, ids } = settings
  const model = findModel(readModel(exchange), servedModels)
  if (model === null) return { headers: retryAfter, message: null }
  const day = getEffectiveDay(model, servedModels.lifecycle, servedModels.asOf())
  const demands = isCount(route) ? capacity.listCountLimits(model, day) : capacity.listLimits(model, day)
  const exhausted = demands.find(({ name }) => name === demandNames[limit]) ?? demands[0]
  if (exhausted === undefined) return { headers: retryAfter, message: null }

  const refillMs = Math.max(minuteMs, (retryAfterSeconds ?? 0) * 1_000)
  const shown = demands.map((demand) =>
    demand === exhausted ? { ...demand, bucket: createEmptyBucket(demand, refillMs) } : demand,
  )
  const headers = createRateHeaders(shown, now())
  const message = explainLimit(exhausted, { organizationId: ids.organizationId, model, day })
  return { headers: { ...headers, ...getTokenHeaders(exhausted.name, headers), ...retryAfter }, message }
}

export interface LimitedRequest {
  readonly route: Route
  readonly exchange: Exchange
  readonly retryAfterSeconds: number | undefined
}

/** A bucket that refills continuously has room for a request after a part of a minute. */
const minWaitSeconds = 1
const minuteMs = 60_000

const demandNames: Readonly<Record<RateLimit, Demand['name']>> = {
  requests: 'requests',
  input_tokens: 'input-tokens',
  output_tokens: 'output-tokens',
}

/** `count_tokens` has limits of its own. */
function isCount(route: Route): boolean {
  return route.kind === 'messages' && route.endpoint === 'count_tokens'
}

function readModel({ request: { body } }: Exchange): string {
  return (body && readText(parseJson(utf8.decode(body)), 'model')) ?? ''
}

function createEmptyBucket({ bucket }: Demand, refillMs: number): TokenBucket {
  return { limit: bucket.limit, available: () => 0, take: () => {}, waitMs: () => refillMs }
}

function getTokenHeaders(
  name: Demand['name'],
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  if (name === 'requests') return {}
  return Object.fromEntries(
    ['limit', 'remaining', 'reset'].flatMap((figure) => {
      const value = headers[`anthropic-ratelimit-${name}-${figure}`]
      return value === undefined ? [] : [[`anthropic-ratelimit-tokens-${figure}`, value]]
    }),
  )
}

const utf8 = new TextDecoder()
