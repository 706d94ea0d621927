export type * from './content-block.ts'
export type * from './message.ts'
export type * from './request.ts'
export type * from './stream-event.ts'
export type * from './tool.ts'
export { formatProblem, parseMessagesRequest, validateMessagesRequest } from './schema.ts'
export type { ParsedRequest, ValidationOptions } from './schema.ts'
export { apiVersions, newerVersion, olderVersion, parseApiVersion } from './api-version.ts'
export type { ApiVersion, ParsedApiVersion } from './api-version.ts'
export { noExtraInputs } from './shape.ts'
export type { Problem } from './shape.ts'
export { findSystemEntryProblem } from './system-entries.ts'
export {
  encodeError,
  errorEnvelope,
  getErrorType,
  parseError,
  readError,
  toSentence,
  wireErrors,
} from './error-envelope.ts'
export type { ErrorParts, ParsedError, WireErrorType } from './error-envelope.ts'
export { findPromptBlocks } from './prompt-blocks.ts'
export type {
  CacheLifetime,
  PromptBlock,
  PromptBlocks,
  PromptBounds,
  PromptGroup,
  PromptPart,
  SkippedMessages,
} from './prompt-blocks.ts'
export { collectSourceTypes } from './source-types.ts'
export { cutThinkingBlocks, hasThinkingBlocks } from './thinking-blocks.ts'
export type { ThinkingCut } from './thinking-blocks.ts'
export { findOutputBlockProblem } from './output-block.ts'
export { findServerPairingProblem } from './server-tool-pairing.ts'
export { mergeUsage } from './merge-usage.ts'
export type { UsageFields } from './merge-usage.ts'
export { createMessageAccumulator } from './accumulate.ts'
export type { AccumulatedMessage, MessageAccumulator } from './accumulate.ts'
