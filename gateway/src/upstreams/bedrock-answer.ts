import { parseBedrockError } from '@anthology/wire'

import type { CloudAnswer, CloudError } from './cloud-answer.ts'

/** Bedrock's error in terms of the Messages API, without the identity and the account that its texts name. */
export function readBedrockAnswer({ status, headers, body }: CloudAnswer): CloudError {
  const error = parseBedrockError({ status, errorType: headers['x-amzn-errortype'], body })
  return { ...error, message: hideAccount(error.message) }
}

/** Replaces the identity and the account in a text of Bedrock. */
export function hideAccount(text: string): string {
  return text.replaceAll(identity, '[identity]').replaceAll(account, '$1[account]')
}

const identity = /\barn:aws[\w-]*:(?:iam|sts)::\d{12}:\S+/g
const account = /(\barn:aws[\w-]*:[\w-]*:[\w-]*:)\d{12}\b/g

/** AWS's request id is the one that its support asks for. */
export function convertBedrockHeaders({
  'x-amzn-requestid': requestId,
  ...headers
}: Readonly<Record<string, string>>): Record<string, string> {
  return { ...headers, ...(requestId !== undefined && { 'request-id': requestId }) }
}
