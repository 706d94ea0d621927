import { isRecord } from '../body/json-value.ts'
import { findProblem, freeObject, list, record, required } from '../messages/shape.ts'
import type { Problem } from '../messages/shape.ts'

/** The guide's limit; the schema of the reference prints 10,000. */
export const maxBatchRequests = 100_000

export interface BatchRequest {
  readonly requests: readonly BatchItem[]
}

export interface BatchItem {
  readonly custom_id: string
  /** A body of the Messages API, which is looked at when its turn comes, not when the batch is made. */
  readonly params: Readonly<Record<string, unknown>>
}

export type ParsedBatchRequest =
  | { readonly ok: true; readonly request: BatchRequest }
  | { readonly ok: false; readonly problem: Problem }

/** Looks at what is refused at once (docs.claude.com, build-with-claude/batch-processing, Nov 2025). */
export function parseBatchRequest(body: unknown): ParsedBatchRequest {
  const problem = findProblem(body, batchRequest)
  if (problem) return { ok: false, problem }
  if (!isWalked(body)) return fail('', 'Input should be a valid dictionary')
  const seen = new Set<string>()
  for (const [index, { custom_id: id }] of body.requests.entries()) {
    // The rule is documented, its text is not.
    if (seen.has(id))
      return fail(`requests.${index}.custom_id`, `custom_id must be unique, found "${id}" twice`)
    seen.add(id)
  }
  return { ok: true, request: body }
}

/** What the shape states about a body in which the walker found no problem. */
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
