export type { Receiver, UploadRequest, Upstream, UpstreamHandle, UpstreamRequest } from './upstream.ts'
export type * from './messages/content-block.ts'
export type * from './messages/message.ts'
export type * from './messages/request.ts'
export type * from './messages/stream-event.ts'
export type * from './messages/tool.ts'
export { formatProblem, parseMessagesRequest, validateMessagesRequest } from './messages/schema.ts'
export type { ParsedRequest, ValidationOptions } from './messages/schema.ts'
export { apiVersions, parseApiVersion } from './messages/api-version.ts'
export type { ApiVersion, ParsedApiVersion } from './messages/api-version.ts'
export { noExtraInputs } from './messages/shape.ts'
export type { Problem } from './messages/shape.ts'
export { findSystemEntryProblem } from './messages/system-entries.ts'
export { indexBody, maxMembers, parseMember } from './body/index.ts'
export type { BodyIndex, BodyIndexError, Member } from './body/index.ts'
export { encodeHex } from './body/hex.ts'
export { createLineSplitter } from './body/line-splitter.ts'
export type { LineSplitter } from './body/line-splitter.ts'
export { iterateElements, stringsNamed } from './body/parts.ts'
export type { ArrayElement } from './body/parts.ts'
export { WireError } from './error.ts'
export type { WireErrorCode } from './error.ts'
export {
  encodeError,
  errorEnvelope,
  getErrorType,
  parseError,
  wireErrors,
} from './messages/error-envelope.ts'

export type { ErrorParts, ParsedError, WireErrorType } from './messages/error-envelope.ts'
export { isRecord, parseJson, readRecord, readText } from './body/json-value.ts'
export type { JsonObject, JsonValue } from './body/json-value.ts'
export { classifyFirstBytes } from './http/first-bytes.ts'
export type { WireProtocol } from './http/first-bytes.ts'
export { joinHeaders, joinValues, readBearer, readBetas } from './http/header-values.ts'
export type { HeaderLists } from './http/header-values.ts'
export { joinBytes } from './body/join-bytes.ts'
export { mergeUsage } from './messages/merge-usage.ts'
export type { UsageFields } from './messages/merge-usage.ts'
export { pageFiles } from './files/files-page.ts'
export type { FilesPage, FilesQuery, PagedFiles } from './files/files-page.ts'
export { modelLifecycles, parseLifecycles } from './models/model-info.ts'
export type {
  Capability,
  CapabilityGroup,
  ModelCapabilities,
  ModelInfo,
  ModelLifecycle,
} from './models/model-info.ts'

export { pageModels } from './models/models-page.ts'
export type { ModelObject, ModelsPage, ModelsQuery, PagedModels } from './models/models-page.ts'
export { applyRanges, applySplices, planSplices, spliceInPieces, splices } from './body/splice.ts'
export type { ByteRange, Patch, Splice, SpliceId } from './body/splice.ts'
export type { SseEvent } from './sse/decode-frame.ts'
export { createSseDecoder, readData, decodeSse } from './sse/decoder.ts'
export type { SseDecoder, SseLimits } from './sse/decoder.ts'
export { encodeSse } from './sse/encoder.ts'
export { createFrameScanner } from './sse/frames.ts'
export type { Frame, FrameKind, FrameScanner } from './sse/frames.ts'
export { createMessageAccumulator } from './messages/accumulate.ts'
export type { AccumulatedMessage, MessageAccumulator } from './messages/accumulate.ts'
export { toChatCompletion, toChatUsage, toFinishReason } from './openai/chat-completion.ts'
export type { ChatCompletion, ChatUsage, FinishReason } from './openai/chat-completion.ts'
export { chatError } from './openai/chat-error.ts'
export type { ChatError } from './openai/chat-error.ts'
export { chatModel } from './openai/chat-model.ts'
export type { ChatModel } from './openai/chat-model.ts'
export { parseChatRequest } from './openai/chat-request.ts'
export type { ChatRequest, ParsedChatRequest } from './openai/chat-request.ts'
export { nameChatHeader } from './openai/chat-headers.ts'
export { createChatStream, encodeChatEvent } from './openai/chat-stream.ts'
export type { ChatChunk, ChatStreamOptions, ChatTranslator } from './openai/chat-stream.ts'
export { translateChatRequest } from './openai/chat-to-messages.ts'
export type { TranslatedChat } from './openai/chat-to-messages.ts'
export type { BatchCounts, BatchResult, BatchResultLine, MessageBatch } from './batches/batch.ts'
export { maxBatchRequests, parseBatchRequest } from './batches/batch-request.ts'
export type { BatchItem, BatchRequest, ParsedBatchRequest } from './batches/batch-request.ts'
export { isSignatureHeader } from './aws/authorization.ts'
export type { SignatureError } from './aws/authorization.ts'
export { decodeBase64, encodeBase64 } from './aws/base64.ts'
export type { ToBase64 } from './aws/base64.ts'
export {
  toBedrockError,
  bedrockErrors,
  encodeBedrockError,
  exceptionMember,
  getMemberException,
  isBedrockErrorType,
  parseBedrockError,
} from './aws/bedrock-error.ts'

export type {
  BedrockErrorKind,
  BedrockErrorType,
  BedrockError,
  EncodedError,
  ParsedBedrockError,
} from './aws/bedrock-error.ts'

export { isBedrockModelPath, parseBedrockPath } from './aws/bedrock-path.ts'
export type { BedrockPath, ModelOperation } from './aws/bedrock-path.ts'
export { bedrockTexts } from './aws/bedrock-text.ts'
export { betaNames, cloudBetas, firstPartyBetas } from './aws/beta-names.ts'
export type { SignedRequest } from './aws/canonical-request.ts'
export { encodeCountTokens, parseCountTokens } from './aws/count-tokens.ts'
export type { CountTokensRequest } from './aws/count-tokens.ts'
export { crc32 } from './aws/crc32.ts'
export type { Crc32 } from './aws/crc32.ts'
export {
  createFrameDecoder,
  encodeFrame,
  eventStreamType,
  frameLimits,
  stringHeader,
} from './aws/event-stream.ts'

export type { DecodedFrame, FrameDecoder, FrameLimits } from './aws/event-stream.ts'
export { listFoundationModels } from './aws/foundation-model.ts'
export type { FoundationModel, FoundationModelFacts } from './aws/foundation-model.ts'
export { encodeFrameHeaders, eventFrameHeaders, exceptionFrameHeaders } from './aws/frame-headers.ts'
export type { FrameHeader } from './aws/frame-headers.ts'
export { findInferenceProfile, foundationModelArn, listInferenceProfiles } from './aws/inference-profile.ts'
export type {
  AwsPlace,
  InferenceProfile,
  InferenceProfileList,
  ProfileFacts,
} from './aws/inference-profile.ts'

export { addMetrics, takeMetrics } from './aws/invocation-metrics.ts'
export type { InvocationMetrics } from './aws/invocation-metrics.ts'
export {
  editsToInvoke,
  editsToMessages,
  invokeMembers,
  invokeVersions,
  readInvokeBody,
} from './aws/invoke-body.ts'

export type { InvokeBody, InvokeVersion } from './aws/invoke-body.ts'
export { createInvokeStreamDecoder, encodeInvokeSse } from './aws/invoke-stream-decoder.ts'
export type {
  InvokeDecoderOptions,
  InvokeStreamDecoder,
  InvokeStreamEvent,
} from './aws/invoke-stream-decoder.ts'

export { createInvokeStreamEncoder } from './aws/invoke-stream.ts'
export type { InvokeStreamEncoder, InvokeStreamOptions } from './aws/invoke-stream.ts'
export { parseBedrockModelId } from './aws/model-id.ts'
export type { BedrockArn, BedrockModelId, ParsedModelId } from './aws/model-id.ts'
export { clockSkewMs, deriveSigningKey, readSignature, verifySignature } from './aws/sigv4.ts'
export type {
  ReadingOptions,
  Signature,
  SignatureHashes,
  SignatureScope,
  VerifyingOptions,
} from './aws/sigv4.ts'

export {
  encodeGoogleError,
  toGoogleError,
  googleErrors,
  googleTexts,
  inputTooLong,
  parseGoogleError,
} from './google/google-error.ts'

export type {
  GoogleErrorKind,
  GoogleErrorStatus,
  GoogleError,
  ParsedGoogleError,
} from './google/google-error.ts'

export {
  editsFromRawPredict,
  editsToRawPredict,
  rawPredictMembers,
  rawPredictVersions,
  readRawPredictBody,
} from './google/raw-predict-body.ts'

export type { RawPredictBody, RawPredictVersion } from './google/raw-predict-body.ts'
export { parseVertexPath, vertexResource } from './google/vertex-path.ts'
export type { VertexPath } from './google/vertex-path.ts'

// Converse and ConverseStream of Bedrock, to Messages and back.
export { converseToMessages, maxConverseDocuments } from './converse/to-messages.ts'
export type { ConverseOptions, TranslatedConverse } from './converse/to-messages.ts'
export { translateCountTokens } from './converse/count-tokens.ts'
export type { TranslatedCount } from './converse/count-tokens.ts'
export { parseExactJson } from './converse/exact-json.ts'
export { converseAnswer } from './converse/answer.ts'
export type { AnswerOptions } from './converse/answer.ts'
export { createConverseStream } from './converse/stream.ts'
export type { ConverseStream, ConverseStreamOptions } from './converse/stream.ts'
export { messagesToConverse } from './converse/from-messages.ts'
export type { RewrittenMessages } from './converse/from-messages.ts'
export { converseToMessage } from './converse/answer-to-messages.ts'
export type { MessageIdentity } from './converse/answer-to-messages.ts'
export { createConverseReader } from './converse/stream-to-messages.ts'
export type { ConverseFrame } from './converse/stream-to-messages.ts'
export { converseFields } from './converse/field-table.ts'
export type { ConverseField, Mapping } from './converse/field-table.ts'
export type { ConverseProblem } from './converse/problem.ts'
export type {
  ConverseEventType,
  ConverseExceptionType,
  ConverseResponse,
  ConverseStreamMember,
  ConverseUsage,
} from './converse/response.ts'
