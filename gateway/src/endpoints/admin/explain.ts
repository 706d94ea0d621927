import { explainCall } from '../../calls/explain-call.ts'
import type { Context } from '../../context.ts'
import { ApiError } from '../../errors.ts'
import type { ClientExchange } from '../../http/client-exchange.ts'
import { toProblemResponse } from '../../http/problem.ts'
import { sendAnswer } from '../../http/respond.ts'
import type { ProtocolName } from '../../protocols/protocol.ts'
import type { ExplainRequest } from '../../calls/explain-call.ts'
import { sendAdminJson } from './send-json.ts'

/**
 * Serves `POST /admin/v1/explain`: the plan of the request in the body, which is not sent anywhere. If no upstream is
 * left, the answer is the client's error, with the reason of each upstream.
 */
export async function serveExplanation(context: Context, exchange: ClientExchange): Promise<void> {
  const { id, request, response } = exchange
  const target = readQuery(context, request.url ?? '')
  const body = await context.bodies.read(request)
  try {
    const { headers } = request
    const { explanation, apiError } = await explainCall(context, { id, headers, body: body.bytes, ...target })
    if (apiError === null) return sendAdminJson(exchange, explanation)
    const { code, kind, message, headers: more } = apiError
    const parts = { code, kind, message, requestId: id, headers: more }
    sendAnswer(response, toProblemResponse(parts, explanation))
  } finally {
    body.release()
  }
}

const protocolNames: readonly ProtocolName[] = ['messages', 'openai', 'bedrock', 'vertex']

const parameters = ['protocol', 'key', 'model', 'stream'] as const

function readQuery(
  { ring }: Pick<Context, 'ring'>,
  target: string,
): Pick<ExplainRequest, 'protocol' | 'key' | 'model' | 'stream'> {
  const query = new URLSearchParams(target.split('?')[1] ?? '')
  for (const name of query.keys())
    if (!parameters.some((known) => known === name))
      throw new ApiError(
        'bad_request',
        `unknown parameter ${name.slice(0, 40)}; use ${parameters.join(', ')}`,
      )
  const wanted = query.get('protocol') ?? 'messages'
  const protocol = protocolNames.find((name) => name === wanted)
  if (protocol === undefined)
    throw new ApiError('bad_request', `protocol: must be one of ${protocolNames.join(', ')}`)
  const model = query.get('model')
  const isInPath = protocol === 'bedrock' || protocol === 'vertex'
  if (!isInPath && (model !== null || query.has('stream')))
    throw new ApiError(
      'bad_request',
      `model and stream are in the body of protocol ${protocol}, not in the query`,
    )
  return { protocol, model, stream: readFlag(query.get('stream')), key: findKey(query.get('key'), ring) }
}

function readFlag(text: string | null): boolean {
  if (text === null || text === 'false') return false
  if (text === 'true') return true
  throw new ApiError('bad_request', 'stream: must be true or false')
}

function findKey(name: string | null, ring: Context['ring']): ExplainRequest['key'] {
  if (name === null) return null
  const key = ring.findNamed(name)
  if (key === undefined)
    throw new ApiError('bad_request', `key: no valid key has the id or name '${name.slice(0, 100)}'`)
  return key
}
