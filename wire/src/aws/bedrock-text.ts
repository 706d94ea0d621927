import { noExtraInputs } from '../messages/shape.ts'

/**
 * What Bedrock writes for the errors that clients look into: they match parts of these sentences, so every letter counts,
 * the typographic apostrophe of `onDemand` among them.
 *
 * Sources: "Troubleshooting Amazon Bedrock API Error Codes" of the Amazon Bedrock guide and answers quoted in public
 * issues of its clients. Inferred, also from other services of AWS: `tooManyRequests`, `unavailable`, and the sentences
 * about credentials.
 */
export const bedrockTexts = {
  tooManyTokens: 'Too many tokens, please wait before trying again.',
  tooManyRequests: 'Too many requests, please wait before trying again.',
  unavailable: 'Bedrock is unable to process your request.',
  inputTooLong: 'Input is too long for requested model.',
  unknownModel: 'The provided model identifier is invalid.',
  /** After "Common errors", which all services of AWS share. */
  unknownOperation:
    'The action or operation requested is invalid. Verify that the action is typed correctly.',
  unknownClient: 'The security token included in the request is invalid.',
  /** For a bearer token; an access key that nobody has is an `unknownClient`. */
  unknownApiKey: 'Authentication failed: Please make sure your API Key is valid.',
  missingToken: 'Missing Authentication Token',
  wrongSignature:
    'The request signature we calculated does not match the signature you provided. Check your AWS Secret Access Key and signing method. Consult the service documentation for details.',
  /** For a body without a member that it needs. */
  missingMember: (name: string) =>
    `Malformed input request: #: required key [${name}] not found, please reformat your input and try again.`,
  /** For a body with a member that the model does not know. */
  extraMember: (name: string) => `${name}: ${noExtraInputs}`,
  /** For a value of `anthropic_version` that Bedrock does not know. */
  unknownVersion: (version: string) => `Invalid API version: ${version}`,
  /** For a model that only inference profiles serve. */
  onDemand: (modelId: string) =>
    `Invocation of model ID ${modelId} with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.`,
  /** How older models begin a message of the model itself. */
  ofModel: (message: string) => `The model returned the following errors: ${message}`,
} as const
