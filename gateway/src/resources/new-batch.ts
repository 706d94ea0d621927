import type { BudgetHold } from '../budgets/budget-hold.ts'
import type { Context } from '../context.ts'
import { ApiError } from '../errors.ts'
import type { ErrorCode } from '../errors.ts'
import type { Resource } from './resource.ts'

interface NewBatch {
  /** Identifies the client's request. */
  readonly requestId: string
  /** Null: no budget applies, so nothing is held. */
  readonly hold: BudgetHold | null
  /** The batch without what only the upstream's answer tells. */
  readonly batch: Omit<Resource, 'id' | 'kind'>
}

/** A batch that an upstream was asked for. */
export interface AskedBatch<Answer> {
  readonly answer: Answer
  /** The upstream has refused it. */
  refused(): Promise<void>
  /** It exists. Call it in the turn in which its creation is recorded, so that the journal has both or none. */
  created(id: string): void
}

/**
 * Asks an upstream for a batch. From then on the store has what is held for it, so that neither a crash nor a lost
 * answer frees the money of a batch that may exist: it counts with its hold, like a call that never ended.
 */
export async function askForBatch<Answer>(
  { ledger }: Pick<Context, 'ledger'>,
  { requestId, hold, batch }: NewBatch,
  send: () => Promise<Answer>,
): Promise<AskedBatch<Answer>> {
  const id = `new_${requestId}`
  const forget = async () => {
    // If it stays, it counts from the next start on.
    if (hold !== null) await ledger.change({ kind: 'deleted', id }).catch(() => {})
  }
  if (hold !== null) await record(ledger, { ...batch, id, kind: 'new_batch' })
  try {
    const answer = await send()
    return {
      answer,
      refused: forget,
      created(createdId) {
        hold?.keep(createdId)
        void forget()
      },
    }
  } catch (error) {
    if (error instanceof ApiError && notCreated.has(error.code)) await forget()
    else hold?.keep(id)
    throw error
  }
}

async function record(ledger: Context['ledger'], resource: Resource): Promise<void> {
  try {
    await ledger.change({ kind: 'created', resource })
  } catch {
    throw new ApiError('ledger_unavailable', 'the ledger is not writable, so no batch can be created')
  }
}

/** Errors after which no batch exists: the upstream did not get the request, or did not accept it. */
const notCreated: ReadonlySet<ErrorCode> = new Set([
  'upstream_unreachable',
  'upstream_redirects',
  'upstream_credential',
])
