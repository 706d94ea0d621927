import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'

import { readRootSecret } from './aws-pair.ts'
import { createBodyReader } from './body.ts'
import type { Context } from './context.ts'
import { serveBatches } from './doors/batches-door.ts'
import { serveFiles } from './doors/files-door.ts'
import { beginVisit } from './doors/item-visit.ts'
import { countTokensDoor, messagesDoor } from './doors/messages-door.ts'
import { serveModel, serveModels } from './doors/models-door.ts'
import { openaiDoor } from './doors/openai-door.ts'
import { serveCall } from './doors/serve-call.ts'
import { serveBedrockCatalog } from './doors/bedrock-catalog.ts'
import { createBedrockDoor, refuseInBedrock } from './doors/bedrock-door.ts'
import { createVertexDoor } from './doors/vertex-door.ts'
import type { Door } from './doors/door.ts'
import { GatewayError, Refusal } from './errors.ts'
import type { ClientExchange, ClientRequest, ClientResponse } from './exchange.ts'
import { startSweeper } from './items/sweeper.ts'
import { type BuiltInKey, createKeyRing } from './key-ring.ts'
import type { Durability } from './ledger/database.ts'
import { type Ledger, openLedger } from './ledger/ledger.ts'
import { type Limits, defaultLimits } from './limits.ts'
import { type LogEntry, createLog } from './log.ts'
import type { UpstreamAccount } from './plan.ts'
import { lingerAfter, refuseInMessages, sendAnswer, sendBytes, sendJson } from './reply.ts'
import { createRequestId } from './request-id.ts'
import { type CallRoute, type Route, matchRoute } from './route.ts'
import { type HttpServer, createHttpServer } from './server.ts'
import { welcome } from './welcome.ts'

export interface GatewayOptions {
  readonly accounts: readonly UpstreamAccount[]
  /** Where the ledger and the stored keys are. */
  readonly dataFolder: string
  /** Keys that are not in the store, such as the data folder's local key. */
  readonly keys?: readonly BuiltInKey[]
  /** What the secrets of AWS pairs are derived from; default: the data folder's own. */
  readonly rootSecret?: string | undefined
  readonly limits?: Partial<Limits>
  /** Refuse what the model's rules refuse before an upstream is asked. Default: true. */
  readonly preflight?: boolean
  readonly durability?: Durability
  readonly log?: (entry: LogEntry) => void
  readonly nowMs?: () => number
}

export interface Gateway {
  /** Calls of an earlier process that never ended; they are `unknown` in the ledger now. */
  readonly abandonedCalls: number
  listen(port: number, host: string): Promise<{ readonly url: string; readonly port: number }>
  /** Stops taking calls, lets those that run come to their end, and closes the ledger. */
  close(): Promise<void>
}

/** Opens the data folder and makes a gateway that can listen. */
export async function createGateway(options: GatewayOptions): Promise<Gateway> {
  const limits = { ...defaultLimits, ...options.limits }
  const builtIn = options.keys ?? []
  const secrets = [
    ...builtIn.flatMap(({ secret, aws }) => [secret ?? '', aws?.secretAccessKey ?? '']),
    ...options.accounts.flatMap((account) => account.secrets),
  ]
  const log = createLog(options.log ?? (() => {}), secrets)
  const ring = createKeyRing(builtIn, () => readRootSecret(options.dataFolder, options.rootSecret))
  const ledger = await openLedger({
    dataFolder: options.dataFolder,
    durability: options.durability ?? 'process',
    waitMs: limits.ledgerWaitMs,
    onKeys: (keys) => ring.replace(keys),
    onFailure: (message) => log({ level: 'error', event: 'ledger_failed', message }),
  })
  ring.replace(ledger.keys)

  let draining = false
  const context: Context = {
    accounts: options.accounts,
    ring,
    ledger,
    bodies: createBodyReader(limits),
    limits,
    preflight: options.preflight ?? true,
    log,
    nowMs: options.nowMs ?? Date.now,
    draining: () => draining,
  }
  const sweeper = startSweeper(context)
  const running = new Set<ClientResponse>()
  const http = createHttpServer(limits, (request, response) => {
    running.add(response)
    response.once('close', () => running.delete(response))
    void serve(context, request, response)
  })

  return {
    abandonedCalls: ledger.abandoned,
    listen: (port, host) => listen(http.server, port, host),
    async close() {
      draining = true
      await sweeper.stop()
      await drain(http, running, limits.drainMs)
      await Promise.all(options.accounts.map(async (account) => account.close?.()))
      await closeLedger(ledger)
    },
  }
}

/** The outermost layer: the only place where a refusal becomes a response. */
async function serve(context: Context, request: ClientRequest, response: ClientResponse): Promise<void> {
  const id = createRequestId()
  const route = matchRoute(request.method ?? '', request.url ?? '')
  try {
    if (context.draining()) response.setHeader('connection', 'close')
    await (route.kind === 'call'
      ? serveCall(context, doorOf(route), { id, request, response })
      : serveRest(context, route, { id, request, response }))
  } catch (error) {
    const refusal = error instanceof Refusal ? error : new Refusal('internal', 'Internal server error')
    const { code, kind } = refusal
    const level = error instanceof Refusal ? 'info' : 'error'
    const message = error instanceof Error ? error.message : String(error)
    context.log({ level, event: 'refused', call: id, code, status: kind.status, message })
    if (response.headersSent) response.destroy()
    else if (!response.destroyed)
      sendAnswer(response, refuserOf(route)({ code, kind, message: refusal.message, requestId: id }))
  }
  lingerAfter(request, context.limits.lingerMs)
}

/** A refusal looks as the protocol of its path wants it. */
function refuserOf(route: Route): Door['refuse'] {
  if (route.kind === 'call') return doorOf(route).refuse
  return route.kind === 'bedrock_catalog' ? refuseInBedrock : refuseInMessages
}

/** Whatever cannot cost money: calls have a way of their own, and no other handler is given one. */
async function serveRest(
  context: Context,
  route: Exclude<Route, { kind: 'call' }>,
  exchange: ClientExchange,
): Promise<void> {
  const { id, request, response } = exchange
  switch (route.kind) {
    case 'models':
      return serveModels(context, exchange)
    case 'model':
      return serveModel(context, route.name, exchange)
    case 'bedrock_catalog':
      return serveBedrockCatalog(context, route.path, exchange)
    case 'batches':
    case 'batch':
      return serveBatches(beginVisit(context, exchange), route)
    case 'files':
    case 'file':
      return serveFiles(beginVisit(context, exchange), route)
    case 'welcome':
      return sendBytes(response, 200, { 'content-type': 'text/plain; charset=utf-8' }, Buffer.from(welcome))
    case 'health':
    case 'hello':
      return sendJson(response, 200, id, { status: 'ok' })
    case 'ready': {
      const ready = context.ledger.healthy && !context.draining()
      return sendJson(response, ready ? 200 : 503, id, { status: ready ? 'ready' : 'not_ready' })
    }
    case 'wrong_method':
      response.setHeader('allow', route.allow)
      throw new Refusal('wrong_method', `this path takes ${route.allow}, not ${request.method}`)
    case 'unsafe_path':
      throw new Refusal('bad_request', "a path with '//', '..' or an encoded slash is not taken")
    case 'none':
      throw new Refusal(
        'no_route',
        'no such path; there are /v1/messages, /v1/messages/count_tokens, /v1/messages/batches, /v1/files, /v1/models and /v1/chat/completions',
      )
  }
}

/** The door of every route that can cost money. */
function doorOf(route: CallRoute): Door {
  switch (route.operation) {
    case 'messages':
      return messagesDoor
    case 'count_tokens':
      return countTokensDoor
    case 'chat':
      return openaiDoor
    case 'bedrock':
      return createBedrockDoor(route.bedrock)
    case 'vertex':
      return createVertexDoor(route.vertex)
  }
}

function listen(server: Server, port: number, host: string): Promise<{ url: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: Error & { code?: string }) => {
      const busy = error.code === 'EADDRINUSE'
      reject(
        busy
          ? new GatewayError('address_in_use', `port ${port} on ${host} is in use`, { cause: error })
          : error,
      )
    })
    server.listen(port, host, () => {
      // A server that listens on a port, and not on a pipe, has an address of this type.
      const address = server.address() as AddressInfo
      const name = address.family === 'IPv6' ? `[${address.address}]` : address.address
      resolve({ url: `http://${name}:${address.port}`, port: address.port })
    })
  })
}

/** Waits for the calls that run, at most `drainMs`; a keep-alive connection ends as soon as it is idle. */
async function drain(
  { server, closeUnused }: HttpServer,
  running: ReadonlySet<ClientResponse>,
  drainMs: number,
): Promise<void> {
  if (!server.listening) return
  for (const response of running) if (!response.headersSent) response.setHeader('connection', 'close')
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const sweep = setInterval(closeUnused, 50)
  const cutOff = setTimeout(() => server.closeAllConnections(), drainMs)
  closeUnused()
  await closed
  clearInterval(sweep)
  clearTimeout(cutOff)
}

/** After a cut-off, the last legs still have their rows to write. */
async function closeLedger(ledger: Ledger): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve))
  await ledger.close()
}
