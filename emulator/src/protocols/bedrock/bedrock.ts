import { bedrockTexts, findExceededBound } from '@anthology/wire'
import type { BedrockPath } from '@anthology/wire'

import { findSizeError } from '../cloud/body-size.ts'
import type { EmulatorRequest } from '../../request.ts'
import type { Reply, ReplyHead } from '../../http/reply.ts'
import type { Settings } from '../../options/settings.ts'
import type { Steps } from '../../steps.ts'
import { getQuery } from '../../api/route.ts'
import { authenticateBedrock } from './authenticate.ts'
import type { BedrockCall } from './call.ts'
import { converse, converseStream } from './converse.ts'
import { countBedrockTokens } from './count-tokens.ts'
import { invokeModel, streamModel } from './invoke.ts'
import { findBedrockModel, findOnDemandError } from './model.ts'
import { listBedrockModels, listProfiles, retrieveBedrockModel, retrieveProfile } from './profiles.ts'
import { bedrockErrorReply } from './reply.ts'

/** Answers a call of Amazon Bedrock: its runtime, and the operations of its control plane that clients use. */
export function* answerBedrock(
  path: BedrockPath,
  request: EmulatorRequest,
  head: ReplyHead,
  settings: Settings,
): Steps<Reply> {
  const authentication = authenticateBedrock(request, settings)
  if (!authentication.ok) return bedrockErrorReply(authentication.error, head)
  const call = { request, key: authentication.key, query: getQuery(request.path), name: '', head }
  if (isRuntime(path)) return yield* answerModel(call, path, settings)
  return answerControl({ ...call, name: getName(path) }, path, settings)
}

/** The reply to an operation that does not exist here. */
export function rejectOperation(head: ReplyHead): Reply {
  return bedrockErrorReply(noOperation, head)
}

const noOperation = { type: 'UnknownOperationException', message: bedrockTexts.unknownOperation } as const

type RuntimePath = Extract<BedrockPath, { readonly modelId: string }>
type ControlPath = Exclude<BedrockPath, RuntimePath>

function isRuntime(path: BedrockPath): path is RuntimePath {
  return 'modelId' in path
}

type PendingCall = Omit<BedrockCall, 'model' | 'modelId' | 'isProfile' | 'notices'>

function* answerModel(
  pending: PendingCall,
  { operation, modelId }: RuntimePath,
  settings: Settings,
): Steps<Reply> {
  const found = findBedrockModel(modelId, settings.servedModels)
  if (!found.ok)
    return bedrockErrorReply(found.error, { ...pending.head, notices: found.hint === '' ? [] : [found.hint] })
  const error = operation === 'count_tokens' ? null : findOnDemandError(found)
  if (error) return bedrockErrorReply(error, pending.head)
  const { body } = pending.request
  const tooLarge = findSizeError(body, found.model, 'bedrock') ?? findExceededBound(body ?? new Uint8Array())
  if (tooLarge !== null)
    return bedrockErrorReply({ type: 'ValidationException', message: tooLarge }, pending.head)
  yield
  const { model, id, isProfile, window, notices } = found
  const call = { ...pending, model, modelId: id, isProfile, window, notices }
  switch (operation) {
    case 'invoke':
      return yield* invokeModel(call, settings)
    case 'invoke_stream':
      return yield* streamModel(call, settings)
    case 'converse':
      return yield* converse(call, settings)
    case 'converse_stream':
      return yield* converseStream(call, settings)
    case 'count_tokens':
      return yield* countBedrockTokens(call, settings)
  }
}

/** The raw segment that names what is retrieved. */
function getName(path: ControlPath): string {
  if (path.operation === 'get_profile') return path.profileId
  return path.operation === 'get_model' ? path.modelSegment : ''
}

function answerControl(pending: PendingCall, { operation }: ControlPath, settings: Settings): Reply {
  switch (operation) {
    case 'list_profiles':
      return listProfiles(pending, settings)
    case 'get_profile':
      return retrieveProfile(pending, settings)
    case 'list_models':
      return listBedrockModels(pending, settings)
    case 'get_model':
      return retrieveBedrockModel(pending, settings)
  }
}
