export { isSignatureHeader } from './authorization.ts'
export type { SignatureError } from './authorization.ts'
export { decodeBase64, encodeBase64, isBase64 } from './base64.ts'
export type { ToBase64 } from './base64.ts'
export {
  toBedrockError,
  bedrockErrors,
  encodeBedrockError,
  exceptionMember,
  getMemberException,
  isBedrockErrorType,
  parseBedrockError,
} from './bedrock-error.ts'
export type {
  BedrockErrorKind,
  BedrockErrorType,
  BedrockError,
  EncodedError,
  ParsedBedrockError,
} from './bedrock-error.ts'
export { isBedrockRequest, parseBedrockPath } from './bedrock-path.ts'
export type { BedrockPath, ModelOperation } from './bedrock-path.ts'
export { bedrockTexts } from './bedrock-text.ts'
export { betaNames, cloudBetas, firstPartyBetas } from './beta-names.ts'
export { canonicalHead } from './canonical-request.ts'
export type { SignedRequest } from './canonical-request.ts'
export { encodeCountTokens, parseCountTokens } from './count-tokens.ts'
export type { CountTokensRequest } from './count-tokens.ts'
export { crc32 } from './crc32.ts'
export type { Crc32 } from './crc32.ts'
export {
  createFrameDecoder,
  encodeFrame,
  eventStreamType,
  frameLimits,
  stringHeader,
} from './event-stream.ts'
export type { DecodedFrame, FrameDecoder, FrameLimits } from './event-stream.ts'
export { findFoundationModel, listFoundationModels } from './foundation-model.ts'
export type { FoundationModel, FoundationModelFacts } from './foundation-model.ts'
export { encodeFrameHeaders, eventFrameHeaders, exceptionFrameHeaders } from './frame-headers.ts'
export type { FrameHeader } from './frame-headers.ts'
export {
  describeApplicationProfile,
  findInferenceProfile,
  foundationModelArn,
  listInferenceProfiles,
} from './inference-profile.ts'
export type { AwsPlace, InferenceProfile, InferenceProfileList, ProfileFacts } from './inference-profile.ts'
export { addMetrics, takeMetrics } from './invocation-metrics.ts'
export type { InvocationMetrics } from './invocation-metrics.ts'
export {
  editsToInvoke,
  editsToMessages,
  invokeMembers,
  invokeVersions,
  readInvokeBody,
} from './invoke-body.ts'
export type { InvokeBody, InvokeVersion } from './invoke-body.ts'
export { createInvokeSseDecoder } from './invoke-sse-decoder.ts'
export type { InvokeSseDecoder, InvokeSseOptions, WriteBase64 } from './invoke-sse-decoder.ts'
export { createInvokeStreamDecoder, encodeInvokeSse } from './invoke-stream-decoder.ts'
export type { InvokeDecoderOptions, InvokeStreamDecoder, InvokeStreamEvent } from './invoke-stream-decoder.ts'
export { createInvokeStreamEncoder } from './invoke-stream.ts'
export type { InvokeStreamEncoder, InvokeStreamOptions } from './invoke-stream.ts'
export { parseBedrockModelId } from './model-id.ts'
export type { BedrockArn, BedrockModelId, ParsedModelId } from './model-id.ts'
export { clockSkewMs, deriveSigningKey, readSignature, verifyPayloadHash, verifySignature } from './sigv4.ts'
export type { ReadingOptions, Signature, SignatureHashes, SignatureScope, VerifyingOptions } from './sigv4.ts'
