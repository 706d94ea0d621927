import { probeUpstream } from '../../calls/probe-upstream.ts'
import type { UpstreamProbe } from '../../calls/probe-upstream.ts'
import { ApiError } from '../../errors.ts'
import type { AdminRequest, AdminRoute } from './route.ts'
import { describeObject, describeText, orNull } from './schema.ts'

const probeTimeoutMs = 10_000

async function testUpstream({ context, parameters }: AdminRequest): Promise<object> {
  const name = parameters['name'] ?? ''
  const account = context.accounts.find((one) => one.name === name)
  if (account === undefined)
    throw new ApiError('unknown_resource', `there is no upstream '${name.slice(0, 100)}'`)
  return printProbe(await probeUpstream(account, probeTimeoutMs))
}

function printProbe(probe: UpstreamProbe): object {
  const none = { model: null, took_ms: null, status: null, message: null }
  switch (probe.kind) {
    case 'no_model':
      return { result: 'no_model', ...none }
    case 'counted':
      return { result: 'answered', ...none, model: probe.modelName, took_ms: probe.tookMs, status: 200 }
    case 'error':
      return {
        result: 'error',
        ...none,
        model: probe.modelName,
        status: probe.status,
        message: probe.message,
      }
    case 'failed':
      return { result: probe.because, ...none, message: probe.message }
  }
}

export const upstreamTestRoutes: readonly AdminRoute[] = [
  {
    method: 'POST',
    path: '/admin/v1/upstreams/{name}/test',
    roles: [],
    operation: 'testUpstream',
    summary: 'Sends a free request to an upstream, which counts the tokens of a word',
    answer: describeObject({
      result: { enum: ['answered', 'error', 'no_answer', 'no_credential', 'no_model'] },
      model: orNull(describeText("The model's name at the upstream.")),
      took_ms: orNull({ type: 'integer' }),
      status: orNull({ type: 'integer' }),
      message: orNull({ type: 'string' }),
    }),
    example: { parameters: { name: 'an-upstream' }, status: 404 },
    serve: testUpstream,
  },
]
