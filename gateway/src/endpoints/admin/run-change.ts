import { insertAudit } from '../../organization/change.ts'
import type { Queries } from '../../store/database.ts'
import { checkIdempotencyKey, runOnce } from './idempotency.ts'
import type { AdminRequest, ChangingRoute } from './route.ts'

interface ChangeResult {
  readonly answer: object | null
  /** The answer is that of an earlier request with the same idempotency key. */
  readonly isRepeated: boolean
}

/**
 * Runs a change, its row of the audit log and its idempotency key in one transaction. `text` is the body as it was
 * sent. Throws what the change throws.
 */
export async function runChange(
  request: AdminRequest,
  route: ChangingRoute,
  text: string,
): Promise<ChangeResult> {
  const { context, exchange, caller } = request
  const nowMs = context.nowMs()
  const work = async (queries: Queries): Promise<object | null> => {
    const change = await route.change(request, queries)
    const { actor, role } = caller
    const author = { actor, role, action: route.operation, requestId: exchange.id, atMs: nowMs }
    await insertAudit(queries, author, change)
    return change.result
  }
  const key = exchange.request.headers['idempotency-key']
  return context.database.transaction(async (queries) => {
    if (route.method !== 'POST' || key === undefined)
      return { answer: await work(queries), isRepeated: false }
    const given = String(key)
    checkIdempotencyKey(given)
    const parts = [route.method, exchange.request.url ?? '', text]
    const repeatable = { actor: caller.actor, key: given, parts, rootSecret: context.getRootSecret(), nowMs }
    return runOnce(queries, repeatable, () => work(queries))
  })
}
