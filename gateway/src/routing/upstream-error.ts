/** The effect of an upstream's error answer on routing. The client gets the answer itself if no other upstream is asked. */
export interface UpstreamErrorRule {
  /** Another upstream may be asked: this one has not run the call, or the provider's model has failed in it. */
  readonly mayMove: boolean
  /** The same upstream may be asked once more if no other is left. */
  readonly mayRetry: boolean
  /** True if the upstream may bill the call although it has failed: its prompt is counted, by estimate. */
  readonly mayBeBilled: boolean
  /** What becomes unhealthy: the circuit of the model at the upstream, or its quota. */
  readonly harms: 'circuit' | 'quota' | null
}

/**
 * The kinds of error answers (facts of the vendors' pages "Errors", and public issue reports). 429 means that a quota of
 * the account is exhausted, so another account helps; 529 and 503 mean that the provider has no capacity, so waiting or
 * another provider helps; a spending limit never clears by waiting.
 */
export const upstreamErrorRules = {
  quota: { mayMove: true, mayRetry: false, mayBeBilled: false, harms: 'quota' },
  spend: { mayMove: true, mayRetry: false, mayBeBilled: false, harms: 'circuit' },
  capacity: { mayMove: true, mayRetry: true, mayBeBilled: false, harms: 'circuit' },
  server: { mayMove: true, mayRetry: true, mayBeBilled: false, harms: 'circuit' },
  /** The model failed in the call. AWS does not state whether it bills the prompt of such a call. */
  model_failure: { mayMove: true, mayRetry: true, mayBeBilled: true, harms: 'circuit' },
  /** It may have run to its end. */
  timeout: { mayMove: false, mayRetry: false, mayBeBilled: true, harms: 'circuit' },
  /** The model is not enabled for the account, or not under this name. */
  model_access: { mayMove: true, mayRetry: false, mayBeBilled: false, harms: null },
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
  if (status === 402 || type === 'billing_error' || spendTexts.test(message)) return 'spend'
  if (errorCode !== null && spendCodes.has(errorCode)) return 'spend'
  if (status === 429) return 'quota'
  if (status === 529 || status === 503 || type === 'overloaded_error') return 'capacity'
  if (status === 404) return 'model_access'
  if ((platformStatus ?? status) === 424) return 'model_failure'
  if (status === 408 || status === 504 || type === 'timeout_error') return 'timeout'
  return status >= 500 ? 'server' : 'client'
}

/** Texts of exhausted credit and spending limits on answers with other statuses (public issue reports). */
const spendTexts =
  /credit balance is too low|spend(?:ing)? limit|billing hard limit|(?:workspace|specified) api usage limits/i

/** The codes of a 429 that waiting does not clear: the monthly limit of the tier, and that of the contract. */
const spendCodes: ReadonlySet<string> = new Set([
  'enforced_spend_limit_reached',
  'contract_spend_limit_reached',
])
