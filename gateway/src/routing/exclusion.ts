/** An upstream that is left out of a plan for a model, and the reason. */
export interface ExcludedUpstream {
  readonly upstream: string
  readonly model: string
  readonly because: Exclusion
  readonly detail: string
}

export type Exclusion =
  | 'model_not_permitted'
  | 'model_not_offered'
  | 'rejects_request'
  | 'no_token_count'
  | 'files_elsewhere'
  | 'user_profile_elsewhere'
  | 'region_not_allowed'
  | 'circuit_open'
  | 'quota_blocked'
  | 'not_in_groups'
  | 'weight_zero'
