import { isRecord } from '../body/json-value.ts'
import { findProblem, freeObject, list, record, required } from '../messages/shape.ts'
import type { Problem } from '../messages/shape.ts'

/** The limit in the guide; the schema in the API reference states 10,000. */
export const maxBatchRequests = 100_000

export interface BatchRequest {
  readonly requests: readonly BatchItem[]
}

export interface BatchItem {
  readonly custom_id: string
  /** A body of the Messages API. It is validated when the request runs, not when the batch is created. */
  readonly params: Readonly<Record<string, unknown>>
}

export type ParsedBatchRequest =
  | { readonly ok: true; readonly request: BatchRequest }
  | { readonly ok: false; readonly problem: Problem }

/**
 * Makes the checks that fail the whole batch at creation (docs.claude.com,
 * build-with-claude/batch-processing, Nov 2025).
 */
export function parseBatchRequest(body: unknown): ParsedBatchRequest {
  const problem = findProblem(body, batchRequest)
  if (problem) return { ok: false, problem }
  if (!isWalked(body)) return fail('', 'Input should be a valid dictionary')
  const seen = new Set<string>()
  for (const [index, { custom_id: id }] of body.requests.entries()) {
    // The rule is documented; the error text is inferred.
    if (seen.has(id))
      return fail(`requests.${index}.custom_id`, `custom_id must be unique, found "${id}" twice`)
    seen.add(id)
  }
  return { ok: true, request: body }
}

/** Narrows a body that passed the shape check. */
function isWalked(body: unknown): body is BatchRequest {
  return isRecord(body)
}

const batchRequest = record({
  requests: required(
    list(
      record({
        custom_id: required({ kind: 'text', min: 1, max: 64, pattern: /^[a-zA-Z0-9_-]{1,64}$/ }),
        params: required(freeObject),
      }),
      maxBatchRequests,
      1,
    ),
  ),
})

function fail(path: string, message: string): ParsedBatchRequest {
  return { ok: false, problem: { path, message } }
}
