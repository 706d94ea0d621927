import { defaultLimits, explainOffline, toProblem } from '@anthology/gateway'
import type { Explanation, ProtocolName } from '@anthology/gateway'

import { adminOptions, askAdmin, readAdminServer } from '../admin-server.ts'
import type { AdminAnswer } from '../admin-server.ts'
import { dim } from '../ansi-colors.ts'
import { getText, listTexts, UsageError } from '../command.ts'
import type { Command, Context, Values } from '../command.ts'
import { renderExplanation } from '../explanation-view.ts'
import { readText } from '../json-file.ts'
import { listenOptions } from '../listen-options.ts'
import { dataOptions, readSettings } from '../settings.ts'
import { wrapText } from '../table.ts'
import { createAccounts } from '../upstreams.ts'

export const command: Command = {
  name: 'explain',
  summary: 'Show which upstreams a request would go to, and why',
  usage: 'FILE|- [--protocol P] [--key K] [--model M] [--offline]',
  example: 'anthology explain request.json --offline',
  options: {
    protocol: {
      type: 'string',
      value: 'P',
      help: "the client's API: messages, openai, bedrock or vertex (default messages)",
    },
    key: {
      type: 'string',
      value: 'K',
      help: 'id or name of the key that the client has (default: one without restrictions)',
    },
    model: {
      type: 'string',
      value: 'M',
      help: 'the model, for bedrock and vertex, which have it in the path',
    },
    stream: { type: 'boolean', help: 'a streamed call, for bedrock and vertex' },
    beta: {
      type: 'string',
      value: 'BETA',
      multiple: true,
      help: 'a value of anthropic-beta; may be repeated',
    },
    offline: { type: 'boolean', help: 'from the configuration alone: as if no upstream had ever failed' },
    ...adminOptions,
    ...dataOptions,
    port: { ...listenOptions.port, help: 'port of the server (ANTHOLOGY_PORT)' },
    host: { ...listenOptions.host, help: 'address of the server (default 127.0.0.1)' },
  },
  async run(context, values, positionals) {
    const [file, ...more] = positionals
    if (file === undefined || more.length > 0)
      throw new UsageError(
        'explain needs exactly one file with a request',
        'For example: anthology explain request.json.',
      )
    const isOffline = values['offline'] === true
    const question = readQuestion(values, isOffline)
    const body = await readText(context, file)
    const answer = isOffline
      ? await explainHere(context, values, { ...question, body })
      : await explainThere(context, values, { ...question, body })
    if (values['json'] === true) context.out(JSON.stringify(answer.value, null, 2))
    else print(answer, context, isOffline)
    return answer.ok ? 0 : 1
  },
}

interface Question {
  readonly protocol: ProtocolName
  readonly key: string | undefined
  readonly model: string | undefined
  readonly stream: boolean
  readonly betas: readonly string[]
}

const protocols: readonly ProtocolName[] = ['messages', 'openai', 'bedrock', 'vertex']

function readQuestion(values: Values, isOffline: boolean): Question {
  const wanted = getText(values, 'protocol') ?? 'messages'
  const protocol = protocols.find((name) => name === wanted)
  if (protocol === undefined)
    throw new UsageError(
      `--protocol must be one of ${protocols.join(', ')}`,
      'Leave it out for the Messages API.',
    )
  const [model, key] = [getText(values, 'model'), getText(values, 'key')]
  const stream = values['stream'] === true
  const isInPath = protocol === 'bedrock' || protocol === 'vertex'
  if (isInPath && model === undefined)
    throw new UsageError(`a request of ${protocol} needs --model`, 'Its clients name the model in the path.')
  if (!isInPath && (model !== undefined || stream))
    throw new UsageError(
      '--model and --stream are for bedrock and vertex',
      `A request of ${protocol} has both in its body.`,
    )
  if (isOffline && key !== undefined)
    throw new UsageError(
      '--key needs a running server, which knows its keys',
      'Leave --key or --offline out.',
    )
  return { protocol, key, model, stream, betas: listTexts(values, 'beta') }
}

type Asked = Question & { readonly body: string }

async function explainThere(
  context: Context,
  values: Values,
  { protocol, key, model, stream, betas, body }: Asked,
): Promise<AdminAnswer> {
  const server = readAdminServer(context, values)
  const query = new URLSearchParams({
    protocol,
    ...(key !== undefined && { key }),
    ...(model !== undefined && { model }),
    ...(stream && { stream: 'true' }),
  })
  return askAdmin(server, `/admin/v1/explain?${query.toString()}`, {
    method: 'POST',
    body,
    headers: createHeaders(betas),
  })
}

async function explainHere(
  context: Context,
  values: Values,
  { protocol, model, stream, betas, body }: Asked,
): Promise<AdminAnswer> {
  const { config } = readSettings(context, values, [])
  const limits = { ...defaultLimits, ...config.limits }
  const accounts = createAccounts({ config, live: false, env: context.env, limits })
  try {
    const { explanation, apiError } = await explainOffline(
      { accounts, routing: config.routing, validateRequests: config.validate_requests ?? true, limits },
      {
        protocol,
        model: model ?? null,
        stream,
        headers: createHeaders(betas),
        body: new TextEncoder().encode(body),
      },
    )
    if (apiError === null) return { ok: true, value: { ...explanation } }
    const { code, kind, message } = apiError
    return { ok: false, value: { ...toProblem({ code, kind, message, requestId: '' }, explanation ?? {}) } }
  } finally {
    await Promise.all(accounts.map(async (account) => account.close?.()))
  }
}

function createHeaders(betas: readonly string[]): Readonly<Record<string, string>> {
  return betas.length === 0 ? {} : { 'anthropic-beta': betas.join(',') }
}

function print({ ok, value }: AdminAnswer, context: Context, isOffline: boolean): void {
  // The server's version is ours, or its answer has the same members (docs/routing.md).
  const explanation = value as unknown as Explanation
  if (!ok)
    for (const line of wrapText(
      `The client gets: ${String(value['detail'])} (${String(value['status'])})`,
      context.columns,
    ))
      context.out(line)
  const hasPlan = Array.isArray(value['attempts']) && Array.isArray(value['excluded'])
  if (!ok && hasPlan) context.out('')
  if (hasPlan) for (const line of renderExplanation(explanation, context)) context.out(line)
  if (!isOffline || !hasPlan) return
  context.out('')
  const remark = 'From the configuration alone: circuits, quotas and warm caches are not known here.'
  for (const line of wrapText(remark, context.columns)) context.out(dim(line, context))
}
