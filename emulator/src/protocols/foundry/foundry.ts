import { resolve, unsupportedFiles } from '@anthology/catalog'
import type { Model } from '@anthology/catalog'
import { applySplices, indexBody, parseMember, readBearer } from '@anthology/wire'

import { authenticate } from '../../api/authenticate.ts'
import { countTokens } from '../../api/count-tokens.ts'
import { deleteFile, downloadFile, listFiles, retrieveFile, uploadFile } from '../../api/files/endpoints.ts'
import type { MessagesEndpoint, Route } from '../../api/route.ts'
import { getQuery } from '../../api/route.ts'
import type { Call } from '../../call.ts'
import { errorReply } from '../../http/reply.ts'
import type { Reply, ReplyHead } from '../../http/reply.ts'
import { createUuid } from '../../ids.ts'
import { createMessage } from '../../message/create-message.ts'
import type { EmulatorRequest } from '../../request.ts'
import type { Settings } from '../../options/settings.ts'
import type { Steps } from '../../steps.ts'
import { toCloudReply } from '../cloud/messages-reply.ts'

/** Foundry has the Messages API behind `/anthropic` ("Claude in Microsoft Foundry", 2026). */
export function isFoundryPath(path: string): boolean {
  return /\/anthropic\/v1\//.test(path)
}

/**
 * Answers as Microsoft Foundry: `model` is the name of a deployment, by default that of the model itself. Azure's front
 * end answers for keys and deployments in its own form, the model's side in that of the Claude API.
 */
export function* answerFoundry(
  { endpoint, name }: Extract<Route, { kind: 'messages' }>,
  { request, head }: { readonly request: EmulatorRequest; readonly head: ReplyHead },
  settings: Settings,
): Steps<Reply> {
  const { keys, hosting } = settings.foundry
  const { 'api-key': azureKey, ...headers } = request.headers
  const given = [azureKey, headers['x-api-key'], readBearer(headers['authorization'])]
  if (keys !== null && !given.some((key) => typeof key === 'string' && keys.has(key)))
    return azureError(wrongKey, head)
  const versioned = authenticate(headers, null)
  if (!versioned.ok) return finish(errorReply(versioned.error, head), head)
  const call: Call = {
    request: { ...request, headers },
    apiVersion: versioned.apiVersion,
    key: given.find((key) => typeof key === 'string') ?? null,
    platform: 'foundry',
    hosting,
    query: getQuery(request.path),
    name,
    head,
  }
  if (endpoint === 'create_message') return yield* answerDeployed(createMessage, call, settings)
  if (endpoint === 'count_tokens') return yield* answerDeployed(countTokens, call, settings)
  const answerFile = fileEndpoints[endpoint]
  if (answerFile === undefined) return azureError(noResource, head)
  return finish(hosting === 'azure' ? errorReply(noFiles, head) : answerFile(call, settings), head)
}

const fileEndpoints: Readonly<Partial<Record<MessagesEndpoint, (call: Call, settings: Settings) => Reply>>> =
  {
    upload_file: uploadFile,
    list_files: listFiles,
    retrieve_file: retrieveFile,
    delete_file: deleteFile,
    download_file: downloadFile,
  }

const noFiles = { status: 400, message: unsupportedFiles } as const

function* answerDeployed(
  answer: (call: Call, settings: Settings) => Steps<Reply>,
  call: Call,
  settings: Settings,
): Steps<Reply> {
  const { head, request } = call
  const body = request.body ?? new Uint8Array()
  const index = indexBody(body, members)
  const member = index.ok ? index.get('model') : undefined
  const name = member && parseMember(body, member)
  // Without a readable name the body is invalid, and the model's side says why.
  if (!index.ok || typeof name !== 'string') return finish(yield* answer(call, settings), head)
  const model = findDeployed(settings.foundry.deployments.get(name) ?? name, settings)
  if (model === null) return azureError(noDeployment, head)
  const edit = { splice: 'model', kind: 'replace', member: 'model', value: model.id } as const
  const named = { ...call, request: { ...request, body: applySplices(body, index, [edit]) } }
  yield
  return finish(yield* answer(named, settings), head)
}

const members: ReadonlySet<string> = new Set(['model'])

function findDeployed(name: string, { servedModels }: Settings): Model | null {
  const found = resolve(name, { platform: 'foundry' })
  if (!found.ok || found.model.platforms.foundry === null) return null
  return servedModels.models.find(({ id }) => id === found.model.id) ?? null
}

function finish(reply: Reply, head: ReplyHead): Reply {
  return toCloudReply(reply, azureHeaders(head), { keepsPings: true })
}

/** From general knowledge of Azure's front end. */
function azureHeaders({ requestId }: ReplyHead): Record<string, string> {
  return { 'apim-request-id': createUuid(requestId), 'x-ms-region': 'East US 2' }
}

interface AzureError {
  readonly status: number
  readonly code: string
  readonly message: string
}

/** An error of Azure's front end; texts from general knowledge of Azure AI services. */
function azureError({ status, code, message }: AzureError, head: ReplyHead): Reply {
  const bytes = new TextEncoder().encode(JSON.stringify({ error: { code, message } }))
  return {
    status,
    headers: {
      'content-type': 'application/json',
      'content-length': String(bytes.length),
      ...azureHeaders(head),
    },
    frames: [{ bytes, tokens: 0 }].values(),
  }
}

const wrongKey: AzureError = {
  status: 401,
  code: '401',
  message:
    'Access denied due to invalid subscription key or wrong API endpoint. Make sure to provide a valid key for an active subscription and use a correct regional API endpoint for your resource.',
}

const noDeployment: AzureError = {
  status: 404,
  code: 'DeploymentNotFound',
  message:
    'The API deployment for this resource does not exist. If you created the deployment within the last 5 minutes, please wait a moment and try again.',
}

const noResource: AzureError = { status: 404, code: '404', message: 'Resource not found' }
