import { bedrockTexts, isBedrockModelPath, parseBedrockPath } from '@anthology/wire'
import type { BedrockPath } from '@anthology/wire'

import { findSizeError } from '../cloud/body-size.ts'
import type { EmulatorRequest } from '../../request.ts'
import type { Reply, ReplyHead } from '../../http/reply.ts'
import type { Settings } from '../../settings.ts'
import { authenticateBedrock } from './authenticate.ts'
import type { BedrockCall } from './call.ts'
import { converse, converseStream } from './converse.ts'
import { countBedrockTokens } from './count-tokens.ts'
import { invokeModel, streamModel } from './invoke.ts'
import { findBedrockModel, findOnDemandError } from './model.ts'
import { listBedrockModels, listProfiles, retrieveProfile } from './profiles.ts'
import { bedrockErrorReply } from './reply.ts'

/** Answers the paths of Amazon Bedrock, its runtime's and the few of its control plane; null where it is none of them. */
export function answerBedrock(request: EmulatorRequest, head: ReplyHead, settings: Settings): Reply | null {
  const [path = '', query = ''] = request.path.split('?', 2)
  const parsed = parseBedrockPath(path)
  if (!parsed) return isBedrockModelPath(path) ? bedrockErrorReply(noOperation, head) : null
  const asked = isRuntime(parsed) ? 'POST' : 'GET'
  if (request.method !== asked) return bedrockErrorReply(noOperation, head)
  const authentication = authenticateBedrock(request, settings)
  if (!authentication.ok) return bedrockErrorReply(authentication.error, head)
  const call = { request, key: authentication.key, query: new URLSearchParams(query), name: '', head }
  return isRuntime(parsed)
    ? answerModel(call, parsed, settings)
    : answerControl(
        { ...call, name: parsed.operation === 'get_profile' ? parsed.profileId : '' },
        parsed,
        settings,
      )
}

/** Another method is another operation, of which there is none here. */
const noOperation = { type: 'UnknownOperationException', message: bedrockTexts.unknownOperation } as const

type RuntimePath = Extract<BedrockPath, { readonly modelId: string }>
type ControlPath = Exclude<BedrockPath, RuntimePath>

function isRuntime(path: BedrockPath): path is RuntimePath {
  return 'modelId' in path
}

type PendingCall = Omit<BedrockCall, 'model' | 'modelId' | 'isProfile'>

function answerModel(pending: PendingCall, { operation, modelId }: RuntimePath, settings: Settings): Reply {
  const found = findBedrockModel(modelId, settings.servedModels)
  if (!found.ok) return bedrockErrorReply(found.error, pending.head)
  const error = operation === 'count_tokens' ? null : findOnDemandError(found)
  if (error) return bedrockErrorReply(error, pending.head)
  const tooLarge = findSizeError(pending.request.body, found.model, 'bedrock')
  if (tooLarge !== null)
    return bedrockErrorReply({ type: 'ValidationException', message: tooLarge }, pending.head)
  const call = { ...pending, model: found.model, modelId: found.id, isProfile: found.isProfile }
  switch (operation) {
    case 'invoke':
      return invokeModel(call, settings)
    case 'invoke_stream':
      return streamModel(call, settings)
    case 'converse':
      return converse(call, settings)
    case 'converse_stream':
      return converseStream(call, settings)
    case 'count_tokens':
      return countBedrockTokens(call, settings)
  }
}

function answerControl(pending: PendingCall, { operation }: ControlPath, settings: Settings): Reply {
  switch (operation) {
    case 'list_profiles':
      return listProfiles(pending, settings)
    case 'get_profile':
      return retrieveProfile(pending, settings)
    case 'list_models':
      return listBedrockModels(pending, settings)
  }
}
