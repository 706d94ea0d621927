/** `spend`: credit or a spending limit is exhausted, for all models. `model`: the account has no access to the model. */
export type Refusal = (typeof refusalKinds)[number]

const refusalKinds = ['spend', 'model'] as const

export function isRefusal(value: unknown): value is Refusal {
  return refusalKinds.some((kind) => kind === value)
}

/** Why an account is refused, after "because". The upstream's own words are for operators. */
export function describeRefusal(refusal: Refusal, modelId: string): string {
  return refusal === 'spend'
    ? 'its credit or spending limit is exhausted'
    : `its account has no access to ${modelId}`
}
