import { explainCall } from '../../calls/explain-call.ts'
import type { Context } from '../../context.ts'
import { ApiError } from '../../errors.ts'
import { toProblemResponse } from '../../http/problem.ts'
import { sendAnswer } from '../../http/respond.ts'
import { protocolNames } from '../../protocols/protocol.ts'
import type { ProtocolName } from '../../protocols/protocol.ts'
import type { ExplainRequest } from '../../calls/explain-call.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import { describeArray, describeObject, describeText } from './schema.ts'
import type { Schema } from './schema.ts'

/**
 * Serves `POST /admin/v1/explain`: the plan of the request in the body, which is not sent anywhere. If no upstream is
 * left, the answer is the client's error, with the reason of each upstream.
 */
async function serveExplanation({ context, exchange, query }: AdminRequest): Promise<object | 'sent'> {
  const { id, request, response } = exchange
  const target = readQuery(context, query as ExplainQuery) // Validated by the schema below.
  const body = await context.bodies.read(request)
  try {
    const { headers } = request
    const { explanation, apiError } = await explainCall(context, { id, headers, body: body.bytes, ...target })
    if (apiError === null) return explanation
    const { code, kind, message, headers: more } = apiError
    const parts = { code, kind, message, requestId: id, headers: more }
    sendAnswer(response, toProblemResponse(parts, explanation))
    return 'sent'
  } finally {
    body.release()
  }
}

interface ExplainQuery {
  readonly protocol: ProtocolName
  readonly key?: string
  readonly model?: string
  readonly stream?: boolean
}

function readQuery(
  { ring }: Pick<Context, 'ring'>,
  { protocol, key, model, stream }: ExplainQuery,
): Pick<ExplainRequest, 'protocol' | 'key' | 'model' | 'stream'> {
  const isInPath = protocol === 'bedrock' || protocol === 'vertex'
  if (!isInPath && (model !== undefined || stream !== undefined))
    throw new ApiError(
      'bad_request',
      `model and stream are in the body of protocol ${protocol}, not in the query`,
    )
  return { protocol, model: model ?? null, stream: stream ?? false, key: findKey(key ?? null, ring) }
}

function findKey(name: string | null, ring: Context['ring']): ExplainRequest['key'] {
  if (name === null) return null
  const key = ring.findNamed(name)
  if (key === undefined)
    throw new ApiError('bad_request', `key: no valid key has the id or name '${name.slice(0, 100)}'`)
  return key
}

const bounds = describeObject({ low: { type: 'integer' }, high: { type: 'integer' } }, { title: 'Bounds' })

const price: Schema = {
  title: 'AttemptPrice',
  anyOf: [
    describeObject({
      low_usd: describeText('The lowest possible cost in US dollars.'),
      high_usd: describeText('The highest possible cost in US dollars.'),
      rate_card: describeText('The prices that apply.'),
      input_tokens: bounds,
      output_tokens: bounds,
    }),
    describeObject({ because: { const: 'unknown_price' }, detail: { type: 'string' } }),
  ],
}

const explanation = describeObject(
  {
    model: describeText('The model that was asked for, as the catalog names it.'),
    attempts: describeArray(
      describeObject({
        upstream: { type: 'string' },
        platform: { type: 'string' },
        model: describeText("The model's name at the upstream."),
        because: describeText('The rule that gave the upstream its rank.'),
        price,
      }),
      'The upstreams that would be called, in order.',
    ),
    excluded: describeArray(
      describeObject({
        upstream: { type: 'string' },
        model: { type: 'string' },
        because: describeText('The rule that excluded the upstream.'),
        detail: { type: 'string' },
      }),
    ),
  },
  { title: 'Explanation' },
)

export const explainRoutes: readonly AdminRoute[] = [
  {
    method: 'POST',
    path: '/admin/v1/explain',
    roles: [],
    operation: 'explainCall',
    summary: 'Explains where a request would go and what it would cost, without sending it',
    query: describeObject(
      {
        protocol: { enum: protocolNames, default: 'messages', description: 'The API of the request.' },
        key: describeText('Id or name of the key that makes the call. Default: a key without restrictions.'),
        model: describeText('The model in the path, for bedrock and vertex.'),
        stream: { type: 'boolean', description: 'A streamed call, for bedrock and vertex.' },
      },
      { optional: ['protocol', 'key', 'model', 'stream'] },
    ),
    bytes: { type: 'object', description: 'The body of the request, as a client would send it.' },
    answer: explanation,
    example: {
      body: { model: 'claude-opus-4-1', max_tokens: 100, messages: [{ role: 'user', content: 'Hello' }] },
    },
    serve: serveExplanation,
  },
]
