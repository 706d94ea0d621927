import { noExtraInputs } from '../messages/shape.ts'

/**
 * Bedrock's texts for the errors that clients inspect. Clients match parts of these sentences, so every
 * character counts, including the typographic apostrophe of `onDemand`.
 *
 * Sources: "Troubleshooting Amazon Bedrock API Error Codes" of the Amazon Bedrock guide and responses quoted
 * in public issues of its clients. Inferred, partly from other AWS services: `tooManyRequests`,
 * `unavailable`, and the sentences about credentials.
 */
export const bedrockTexts = {
  tooManyTokens: 'Too many tokens, please wait before trying again.',
  tooManyRequests: 'Too many requests, please wait before trying again.',
  unavailable: 'Bedrock is unable to process your request.',
  inputTooLong: 'Input is too long for requested model.',
  unknownModel: 'The provided model identifier is invalid.',
  /** Inferred. */
  endOfLife:
    'This model version has reached the end of its life. Please refer to the AWS documentation for more details.',
  /** From "Common errors", which all AWS services share. */
  unknownOperation:
    'The action or operation requested is invalid. Verify that the action is typed correctly.',
  unknownClient: 'The security token included in the request is invalid.',
  expiredToken: 'The security token included in the request is expired',
  /** For a bearer token; an unknown access key gets `unknownClient`. */
  unknownApiKey: 'Authentication failed: Please make sure your API Key is valid.',
  missingToken: 'Missing Authentication Token',
  wrongSignature:
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  /** For a body without a required member. */
  missingMember: (name: string) =>
    `Malformed input request: #: required key [${name}] not found, please reformat your input and try again.`,
  /** For a body with a member unknown to the model. */
  extraMember: (name: string) => `${name}: ${noExtraInputs}`,
  /** For an `anthropic_version` unknown to Bedrock. */
  unknownVersion: (version: string) => `Invalid API version: ${version}`,
  /** For a model that is only available through inference profiles. */
  onDemand: (modelId: string) =>
    `Invocation of model ID ${modelId} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
  /** The prefix that older models put before the model's own message. */
  ofModel: (message: string) => `The model returned the following errors: ${message}`,
} as const
