import { findHeadProblem, isBedrockRequest } from '@anthology/wire'

import type { Context } from './context.ts'
import { serveAdmin } from './endpoints/admin/admin.ts'
import { serveBatches } from './endpoints/batches.ts'
import { serveConsole } from './endpoints/console/console.ts'
import { serveOrganization } from './endpoints/organization/organization.ts'
import { serveBedrockCatalog } from './endpoints/bedrock-models.ts'
import { toBedrockErrorResponse } from './protocols/bedrock/bedrock.ts'
import { openaiProtocol } from './protocols/openai.ts'
import type { Protocol } from './protocols/protocol.ts'
import { serveFiles } from './endpoints/files.ts'
import { serveOwned } from './endpoints/owned-resource.ts'
import { isForOpenAi, serveModel, serveModels } from './endpoints/models.ts'
import { serveCall } from './calls/serve-call.ts'
import { getProtocol } from './protocols/get-protocol.ts'
import { ApiError, errors } from './errors.ts'
import type { ClientExchange, ClientRequest, ClientResponse } from './http/client-exchange.ts'
import { answerCors } from './http/cors.ts'
import { toMessagesErrorResponse, sendAnswer, sendBytes } from './http/respond.ts'
import { toProblemResponse } from './http/problem.ts'
import { createRequestId } from './http/request-id.ts'
import { matchRoute } from './http/route.ts'
import type { Route } from './http/route.ts'
import { lingerAfter } from './port/linger.ts'
import { isStoreFailure } from './store/failure-hint.ts'
import { serveHealth, serveReadiness } from './endpoints/health.ts'
import { serveMetrics } from './endpoints/metrics-page.ts'
import { welcome } from './http/welcome.ts'

/** The outermost layer: the only place where an ApiError becomes a response. */
export async function dispatch(
  context: Context,
  request: ClientRequest,
  response: ClientResponse,
): Promise<void> {
  const id = createRequestId()
  const route = matchRoute(request.method ?? '', request.url ?? '')
  try {
    checkHead(context, request)
    if (!answerCors(context.corsOrigins, request, response))
      await (route.kind === 'call'
        ? serveCall(context, getProtocol(route), { id, request, response })
        : serveRest(context, route, { id, request, response }))
  } catch (error) {
    const apiError = toApiError(error)
    const { code, kind } = apiError
    context.telemetry.countApiError(code, apiError.limit)
    const level = error instanceof ApiError ? 'info' : 'error'
    const message = error instanceof Error ? error.message : String(error)
    context.log({ level, event: 'api_error', call: id, code, status: kind.status, message })
    if (response.headersSent) response.destroy()
    else if (!response.destroyed) {
      const { headers, details, errorCode } = apiError
      const parts = { code, kind, message: apiError.message, requestId: id, headers, details, errorCode }
      sendAnswer(response, getErrorEncoder(route, request)(parts))
    }
  }
  lingerAfter(request, context.limits.lingerMs, () => context.telemetry.countLimit('lingerMs'))
}

/** The cause stays in the log: it can name files of this machine. */
function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error
  return isStoreFailure(error)
    ? new ApiError('ledger_unavailable', 'the store cannot be used at the moment; try again shortly')
    : new ApiError('internal', 'Internal server error')
}

/** Rejects a malformed request, and one for another server. */
function checkHead(context: Context, { headers, httpVersion, rawHeaders }: ClientRequest): void {
  const problem = findHeadProblem({ httpVersion, isHttp2: ':method' in headers, rawHeaders })
  if (problem !== null) throw new ApiError('bad_request', problem, errors.bad_request, closing)
  const { host } = headers
  if (host === undefined || context.hostCheck().accepts(host)) return
  const message = `host: '${host.slice(0, 256)}' is not a name of this server; use localhost, or add the name to hosts in anthology.yaml`
  throw new ApiError('wrong_host', message)
}

/** The end of a malformed request is uncertain, so no other request may follow it. */
const closing = { headers: { connection: 'close' } }

/** The error encoder of the route's protocol. */
function getErrorEncoder(route: Route, request: ClientRequest): Protocol['toErrorResponse'] {
  if ((route.kind === 'wrong_method' || route.kind === 'unsafe_path') && route.of !== undefined)
    return getErrorEncoder(route.of, request)
  if (route.kind === 'call') return getProtocol(route).toErrorResponse
  if (route.kind === 'admin' || route.kind === 'console') return toProblemResponse
  if ((route.kind === 'models' || route.kind === 'model') && isForOpenAi(request))
    return openaiProtocol.toErrorResponse
  const isOfBedrock = route.kind === 'bedrock_catalog' || (route.kind === 'none' && isFromAwsClient(request))
  return isOfBedrock ? toBedrockErrorResponse : toMessagesErrorResponse
}

/** AWS clients use many paths that we do not serve. */
function isFromAwsClient({ url = '', headers }: ClientRequest): boolean {
  return isBedrockRequest(url.split('?', 1)[0] ?? '', headers)
}

/** Serves every route that cannot cost money; calls have their own path, `serveCall`. */
async function serveRest(
  context: Context,
  route: Exclude<Route, { kind: 'call' }>,
  exchange: ClientExchange,
): Promise<void> {
  const { request, response } = exchange
  switch (route.kind) {
    case 'models':
      return serveModels(context, exchange)
    case 'model':
      return serveModel(context, route.name, exchange)
    case 'bedrock_catalog':
      return serveBedrockCatalog(context, route.path, exchange)
    case 'batches':
    case 'batch':
      return serveOwned(context, exchange, (resourceRequest) => serveBatches(resourceRequest, route))
    case 'files':
    case 'file':
      return serveOwned(context, exchange, (resourceRequest) => serveFiles(resourceRequest, route))
    case 'admin':
      return serveAdmin(context, route.path, exchange)
    case 'organization':
      return serveOrganization(context, route.path, exchange)
    case 'console':
      return serveConsole(context, route.path, exchange)
    case 'welcome':
      return sendBytes(response, 200, { 'content-type': 'text/plain; charset=utf-8' }, Buffer.from(welcome))
    case 'health':
    case 'hello':
      return serveHealth(exchange)
    case 'ready':
      return serveReadiness(context, exchange)
    case 'metrics':
      return serveMetrics(context, exchange)
    case 'wrong_method':
      response.setHeader('allow', route.allow)
      throw new ApiError(
        'wrong_method',
        `method ${request.method} is not allowed on this path; use ${route.allow.replaceAll(', ', ' or ')}`,
      )
    case 'unsafe_path':
      throw new ApiError('bad_request', "the path must not contain '//', '.', '..' or an encoded slash")
    case 'none':
      throw new ApiError(
        'no_route',
        'unknown path; use /v1/messages, /v1/messages/count_tokens, /v1/messages/batches, /v1/files, /v1/models or /v1/chat/completions',
      )
  }
}
