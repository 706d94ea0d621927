import { pageModels } from '@anthology/wire'

import { ApiError } from '../../errors.ts'
import type { Schema } from '../admin/schema.ts'

/** The query parameters of a list of Anthropic's Admin API. */
export const listParameters: Readonly<Record<string, Schema>> = {
  limit: { type: 'integer', minimum: 1, maximum: 1_000, description: 'Default: 20.' },
  after_id: { type: 'string', maxLength: 200 },
  before_id: { type: 'string', maxLength: 200 },
}

export interface ListQuery {
  readonly limit?: number
  readonly after_id?: string
  readonly before_id?: string
}

/** One page of a list, newest first: `{data, has_more, first_id, last_id}`. Throws an ApiError for an unknown cursor. */
export function pageList(
  items: readonly { readonly id: string }[],
  { limit, after_id: after, before_id: before }: ListQuery,
  noun: string,
): object {
  const query = {
    ...(limit !== undefined && { limit: String(limit) }),
    ...(after !== undefined && { after_id: after }),
    ...(before !== undefined && { before_id: before }),
  }
  const paged = pageModels(items, query, noun)
  if (!paged.ok) throw new ApiError('bad_request', paged.message)
  return paged.page
}
