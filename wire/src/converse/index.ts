export { converseToMessages, maxConverseDocuments } from './to-messages.ts'
export type { ConverseOptions, TranslatedConverse } from './to-messages.ts'
export { translateCountTokens } from './count-tokens.ts'
export type { TranslatedCount } from './count-tokens.ts'
export { parseExactJson, parseExactJsonInSteps } from './exact-json.ts'
export { converseAnswer } from './answer.ts'
export type { AnswerOptions } from './answer.ts'
export { createConverseStream } from './stream.ts'
export type { ConverseStream, ConverseStreamOptions } from './stream.ts'
export { messagesToConverse } from './from-messages.ts'
export type { RewrittenMessages } from './from-messages.ts'
export { converseToMessage } from './answer-to-messages.ts'
export type { MessageIdentity } from './answer-to-messages.ts'
export { createConverseReader } from './stream-to-messages.ts'
export type { ConverseFrame } from './stream-to-messages.ts'
export { converseFields } from './field-table.ts'
export type { ConverseField, Mapping } from './field-table.ts'
export type { ConverseProblem } from './problem.ts'
export type {
  ConverseEventType,
  ConverseExceptionType,
  ConverseResponse,
  ConverseStreamMember,
  ConverseUsage,
} from './response.ts'
