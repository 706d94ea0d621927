import type { AnswerBody, Body } from '../../bodies/body-block.ts'
import type { StoredBodies } from '../../bodies/stored-bodies.ts'
import { readRequestTime } from '../../http/request-id.ts'
import { parseRowId } from '../../ledger/call-row.ts'
import { readText } from '../../store/database.ts'
import type { SqlRow } from '../../store/database.ts'
import { readOwnRows } from './calls.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import { describeObject, describeText, orNull } from './schema.ts'

/** Why there are no bodies of a call. */
const reasons = ['off', 'batch', 'other_workspace', 'running', 'removed', 'not_found'] as const

type Reason = (typeof reasons)[number]

async function getBodies(request: AdminRequest): Promise<object> {
  const { storedBodies } = request.context
  const rows = await readOwnRows(request)
  const { callId } = parseRowId(readText(rows[0] ?? {}, 'id'))
  const found = (await storedBodies?.find(callId)) ?? null
  if (found === null)
    return { request: null, response: null, absent_because: findReason(storedBodies, callId, rows) }
  const { request: sent, answer } = found
  return {
    request: printBody(sent),
    response: answer && { ...printBody(answer), stream: answer.isStream },
    absent_because: null,
  }
}

function findReason(storedBodies: StoredBodies | null, callId: string, rows: readonly SqlRow[]): Reason {
  if (storedBodies === null) return 'off'
  if (readRequestTime(callId) === null) return 'batch'
  if (storedBodies.isRemoved(callId)) return 'removed'
  const { workspaces } = storedBodies.settings
  if (rows.every((row) => workspaces?.has(String(row['workspace_id'])) === false)) return 'other_workspace'
  return rows.some((row) => row['outcome'] === null) ? 'running' : 'not_found'
}

/** A cut text may end with half a character. */
function printBody({ bytes, size }: Body | AnswerBody): object {
  return { text: Buffer.from(bytes).toString(), bytes: size, truncated: bytes.byteLength < size }
}

const body = {
  text: describeText('As it was stored; cut if it is truncated.'),
  bytes: { type: 'integer', description: 'The size before it was cut.' },
  truncated: { type: 'boolean' },
}

export const callBodyRoutes: readonly AdminRoute[] = [
  {
    method: 'GET',
    path: '/admin/v1/calls/{id}/bodies',
    // Prompts and answers are not for everybody who may see what calls cost.
    roles: [],
    operation: 'getCallBodies',
    summary: 'Shows the prompt and the answer of a call, if they are stored',
    answer: describeObject({
      request: orNull({
        ...describeObject(body, { title: 'StoredRequest' }),
        description:
          'The body as the client sent it; of Converse and Chat Completions translated to the Messages API.',
      }),
      response: orNull({
        ...describeObject(
          {
            ...body,
            stream: { type: 'boolean', description: 'The text is an event stream of the Messages API.' },
          },
          { title: 'StoredResponse' },
        ),
        description: "The last upstream's answer. Null: none answered.",
      }),
      absent_because: orNull({
        enum: [...reasons],
        description:
          'Null: they are stored. off: the configuration has no bodies; batch: results of batches are never stored; other_workspace: it names other workspaces; running: the call has not ended; removed: by retention; not_found: this server has none of this call, because another server has them, or because they were not stored.',
      }),
    }),
    example: { parameters: { id: 'req_example' }, status: 404 },
    serve: getBodies,
  },
]
