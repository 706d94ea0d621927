import { ApiError } from '../errors.ts'
import { createRequestId } from '../http/request-id.ts'
import { explainCall } from './explain-call.ts'
import type { ExplainRequest, Explanation } from './explain-call.ts'
import { createOfflineContext } from './offline-context.ts'
import type { OfflineOptions } from './offline-context.ts'

type OfflineAnswer =
  | { readonly explanation: Explanation; readonly apiError: ApiError | null }
  | { readonly explanation: null; readonly apiError: ApiError }

/**
 * Explains a request from the configuration alone: without keys, and as if every upstream were healthy and no
 * conversation had begun. `explanation` is null if the request cannot be planned; then `apiError` says why.
 */
export async function explainOffline(
  options: OfflineOptions,
  request: Omit<ExplainRequest, 'id' | 'key'>,
): Promise<OfflineAnswer> {
  try {
    return await explainCall(createOfflineContext(options), { ...request, id: createRequestId(), key: null })
  } catch (error) {
    if (error instanceof ApiError) return { explanation: null, apiError: error }
    throw error
  }
}
