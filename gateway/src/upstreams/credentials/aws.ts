import { createHash, hash } from 'node:crypto'

import { parseBedrockError } from '@anthology/wire'

import type { Authorizer, UnauthorizedRequest } from '../authorized-upstream.ts'
import type { GetAwsIdentity } from './aws-identity.ts'
import { createAwsSigner } from './aws-signer.ts'

export interface AwsAuthorizerOptions {
  readonly getIdentity: GetAwsIdentity
  readonly region: string
  /** `bedrock`, or `bedrock-mantle`. */
  readonly service: string
  readonly baseUrl: string
}

/** Signs requests (AWS Signature Version 4), body included. */
export function createAwsAuthorizer({
  getIdentity,
  region,
  service,
  baseUrl,
}: AwsAuthorizerOptions): Authorizer {
  const { host, pathname } = new URL(baseUrl)
  const prefix = pathname.replace(/\/$/, '')
  const signer = createAwsSigner(region, service)
  return {
    authorize: async (request, refresh) => {
      const { sessionName, method } = request
      const identity = await getIdentity({ forceRefresh: refresh, sessionName })
      const headers = { ...request.headers, host }
      const target = prefix + request.path
      return signer.sign({ method, target, headers, bodyHash: hashBody(request) }, identity, Date.now())
    },
    isExpired: ({ status, headers, body }) => {
      const error = parseBedrockError({ status, errorType: headers['x-amzn-errortype'], body })
      // The Messages endpoints of Bedrock answer with error types of the Claude API, and AWS's texts.
      return expired.has(error.type ?? '') || expiredText.test(error.message)
    },
  }
}

const expired: ReadonlySet<string> = new Set(['ExpiredTokenException', 'ExpiredToken', 'RequestExpired'])
const expiredText = /^The security token included in the request is expired/

function hashBody({ body }: UnauthorizedRequest): string {
  // Files have streamed bodies, and Bedrock has no files.
  if (body === null) throw new Error('a streamed body cannot be signed')
  const [only] = body
  if (only !== undefined && body.length === 1) return hash('sha256', only)
  const hashed = createHash('sha256')
  for (const piece of body) hashed.update(piece)
  return hashed.digest('hex')
}
