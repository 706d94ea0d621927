import { parseBedrockError } from '@anthology/wire'

import type { CloudAnswer, CloudError } from './cloud-answer.ts'

/** Bedrock's error in terms of the Messages API. */
export function readBedrockAnswer({ status, headers, body }: CloudAnswer): CloudError {
  return parseBedrockError({ status, errorType: headers['x-amzn-errortype'], body })
}

/** AWS's request id is the one that its support asks for. */
export function convertBedrockHeaders({
  'x-amzn-requestid': requestId,
  ...headers
}: Readonly<Record<string, string>>): Record<string, string> {
  return { ...headers, ...(requestId !== undefined && { 'request-id': requestId }) }
}
