/**
 * `spend`: credit or a spending limit is exhausted, for all models. `account`: the provider has disabled the account, for
 * all models. `model`: the account has no access to the model.
 */
export type Refusal = (typeof refusalKinds)[number]

export const refusalKinds = ['spend', 'account', 'model'] as const

export function isRefusal(value: unknown): value is Refusal {
  return refusalKinds.some((kind) => kind === value)
}

/** Why an account is refused, after "because". The upstream's own words are for operators. */
export function describeRefusal(refusal: Refusal, modelId: string): string {
  switch (refusal) {
    case 'spend':
      return 'its credit or spending limit is exhausted'
    case 'account':
      return 'its provider has disabled the account'
    case 'model':
      return `its account has no access to ${modelId}`
  }
}
