import type { Refusal } from './refusal.ts'

/** The effect of an upstream's error answer on routing. The client gets the answer itself if no other upstream is asked. */
export interface UpstreamErrorRule {
  /** Another upstream may be asked: this one has not run the call, or the provider's model has failed in it. */
  readonly mayMove: boolean
  /** The same upstream may be asked once more if no other is left. */
  readonly mayRetry: boolean
  /** True if the upstream may bill the call although it has failed: its prompt is counted, by estimate. */
  readonly mayBeBilled: boolean
  /**
   * What becomes unhealthy: the circuit of the model at the upstream, or its quota; or, at once and for minutes, what the
   * refusal of an account concerns.
   */
  readonly harms: 'circuit' | 'quota' | Refusal | null
  /** True if only a model with a larger context window may be asked. */
  readonly needsLargerWindow?: boolean
}

/**
 * The kinds of error answers (facts of the vendors' pages "Errors", and public issue reports). 429 means that a quota of
 * the account is exhausted, so another account helps; 529 and 503 mean that the provider has no capacity, so waiting or
 * another provider helps; a spending limit never clears by waiting.
 */
export const upstreamErrorRules = {
  quota: { mayMove: true, mayRetry: false, mayBeBilled: false, harms: 'quota' },
  spend: { mayMove: true, mayRetry: false, mayBeBilled: false, harms: 'spend' },
  /** The provider serves no call of the account. */
  account: { mayMove: true, mayRetry: false, mayBeBilled: false, harms: 'account' },
  capacity: { mayMove: true, mayRetry: true, mayBeBilled: false, harms: 'circuit' },
  server: { mayMove: true, mayRetry: true, mayBeBilled: false, harms: 'circuit' },
  /** The model failed in the call. AWS does not state whether it bills the prompt of such a call. */
  model_failure: { mayMove: true, mayRetry: true, mayBeBilled: true, harms: 'circuit' },
  /** It may have run to its end. */
  timeout: { mayMove: false, mayRetry: false, mayBeBilled: true, harms: 'circuit' },
  /** The model is not enabled for the account, or not under this name. */
  model_access: { mayMove: true, mayRetry: false, mayBeBilled: false, harms: 'model' },
  /** The prompt is too long for the model there. */
  context_size: { mayMove: true, mayRetry: false, mayBeBilled: false, harms: null, needsLargerWindow: true },
  /** The body is too large there: each platform, and each proxy in front of one, has a limit of its own. */
  request_size: { mayMove: true, mayRetry: false, mayBeBilled: false, harms: null },
  /** The request itself is wrong, and would be wrong elsewhere. */
  client: { mayMove: false, mayRetry: false, mayBeBilled: false, harms: null },
} as const satisfies Record<string, UpstreamErrorRule>

export type UpstreamErrorKind = keyof typeof upstreamErrorRules

/** An error answer in the form of the Messages API. */
export interface UpstreamErrorAnswer {
  readonly status: number
  readonly type: string | null
  readonly message: string
  /** `error.details.error_code`. */
  readonly errorCode?: string | null
  /** The status of the platform, if another one stands for it in the Messages API. */
  readonly platformStatus?: number | null
}

/** Classifies an error answer. */
export function classifyUpstreamError({
  status,
  type,
  message,
  errorCode = null,
  platformStatus = null,
}: UpstreamErrorAnswer): UpstreamErrorKind {
  if (status === 402 || type === 'billing_error' || hasSpendText(status, message)) return 'spend'
  const byCode = kindByCode.get(errorCode ?? '')
  if (byCode !== undefined) return byCode
  if (status === 429) return 'quota'
  if (status === 529 || status === 503 || type === 'overloaded_error') return 'capacity'
  if (status === 404 && !clientObjects.test(message)) return 'model_access'
  const byStatus = kindByPlatformStatus.get(platformStatus ?? status)
  if (byStatus !== undefined) return byStatus
  if (timeouts.has(status) || type === 'timeout_error') return 'timeout'
  return status >= 500 ? 'server' : classifyBadRequest(status, message)
}

function classifyBadRequest(status: number, message: string): UpstreamErrorKind {
  if (status !== 400) return 'client'
  if (accountTexts.test(message)) return 'account'
  if (modelTexts.test(message)) return 'model_access'
  return contextTexts.test(message) ? 'context_size' : 'client'
}

function hasSpendText(status: number, message: string): boolean {
  return (status === 400 ? ownSpendTexts : spendTexts).test(message)
}

/** Texts of exhausted credit and spending limits on answers with other statuses (public issue reports). */
const spendTexts =
  /credit balance is too low|spend(?:ing)? limit|billing hard limit|(?:workspace|specified) api usage limits/i

/** A 400 may quote the request, whose words must not make the account unhealthy: its own words come before any quote. */
const ownSpendTexts = new RegExp(`^[^"'\u0060]*?(?:${spendTexts.source})`, 'i')

/** Statuses that mean the same whatever else the answer says, as the platform has sent them. */
const kindByPlatformStatus: ReadonlyMap<number, UpstreamErrorKind> = new Map([
  [413, 'request_size'],
  [424, 'model_failure'],
])

/** 524: Cloudflare has reached the server behind it, which has not answered in time ("Error 524" of its documentation). */
const timeouts: ReadonlySet<number> = new Set([408, 504, 524])

/** A 404 about an object that the request names, and not about the model. */
const clientObjects = /\b(?:files?|container|skill|thread|user[ _]profile)\b/i

/**
 * Texts of a 400 about an account that is disabled or not cleared for any model: of the Claude API, and of Bedrock (public
 * issue reports).
 */
const accountTexts =
  /^(?:This organization has been disabled|Operation not allowed\.?$|Your account is not authorized to invoke this API operation)/

/**
 * Texts of a 400 about the name or the operation that the gateway has chosen for the model, or about an account without
 * access to it, and not about the request: of Bedrock ("Invoke a model" of its guide) and of Vertex AI (public issue
 * reports).
 */
const modelTexts =
  /^(?:The provided model identifier is invalid|Invocation of model ID \S+ with on-demand throughput isn.t supported|The provided model doesn.t support counting tokens|Project \S+ is not allowed to use Publisher Model)/

/** Texts of a 400 about the length of the prompt: of the Claude API, of Bedrock, of llama.cpp and of vLLM. */
const contextTexts =
  /^(?:prompt is too long|input is too long|input length and .max_tokens. exceed context limit|(?:the )?request (?:\(\d+ tokens\) )?exceeds the available context size|this model's maximum context length is)/i

/** Texts of a 403 about a model, and not about the whole account. */
export const modelAccessTexts =
  /\bmodel\b|bedrock:InvokeModel|aiplatform\.endpoints\.predict|FTUFormNotFilled|\bdeployment\b/i

/**
 * The codes of a 429 that waiting does not clear: the monthly limit of the tier, and that of the contract; and those of an
 * account that is on hold, or whose own key for its data is disabled.
 */
const kindByCode: ReadonlyMap<string, UpstreamErrorKind> = new Map([
  ['enforced_spend_limit_reached', 'spend'],
  ['contract_spend_limit_reached', 'spend'],
  ['organization_on_hold', 'account'],
  ['cmek_key_disabled', 'account'],
])
