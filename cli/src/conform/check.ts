import type { Exchange, Outgoing } from './exchange.ts'

export type ConformProtocol = 'messages' | 'bedrock' | 'vertex'

/** One requirement of the contract that can be observed from outside. */
export interface Check {
  /** Such as `messages.stream.order`. */
  readonly id: string
  /** The requirement, in one sentence. */
  readonly asks: string
  /** The page that states it. */
  readonly source: Source
  /** Tokens that it may cost, for the estimate before the run; absent: nothing is generated. */
  readonly tokens?: { readonly input: number; readonly output: number }
  /** Returns when the requirement is met. Throws a `CheckFailure` or a `CheckSkip` otherwise. */
  readonly run: (target: Target) => Promise<void>
}

/** The pages of the contract. */
export const sources = {
  gateway: 'Claude Code docs, "LLM gateway configuration"',
  capture: 'requests of Claude Code 2.1.330, captured',
  errors: 'Claude API docs, "Errors"',
  messages: 'Claude API docs, "Messages"',
  streaming: 'Claude API docs, "Streaming messages"',
  counting: 'Claude API docs, "Token counting"',
  thinking: 'Claude API docs, "Extended thinking"',
  tools: 'Claude API docs, "Tool use"',
  models: 'Claude API docs, "List models"',
  invoke: 'Amazon Bedrock API reference, "InvokeModel"',
  invokeStream: 'Amazon Bedrock API reference, "InvokeModelWithResponseStream"',
  bedrockCount: 'Amazon Bedrock API reference, "CountTokens"',
  profiles: 'Amazon Bedrock API reference, "ListInferenceProfiles"',
  signing: 'AWS IAM guide, "Create a signed AWS API request"',
  vertex: 'Google Cloud docs, "Use Claude models"',
  vertexCount: 'Google Cloud docs, "Count tokens for Claude models"',
} as const

export type Source = keyof typeof sources

/** The gateway that is examined, and what is known of it. */
export interface Target {
  readonly key: string
  /** The model's name in the protocol that is examined. */
  readonly model: string
  readonly facts: ModelFacts
  /** A key that is over one of its limits; null: none is known. */
  readonly limitedKey: string | null
  /** Credentials for signed requests; null: none are known. */
  readonly aws: { readonly accessKeyId: string; readonly secretAccessKey: string } | null
  /** Sends a request; the path comes after the base URL. It never follows a redirect. */
  readonly send: (request: Outgoing) => Promise<Exchange>
}

/** What the checks need to know of the model; the catalog's facts, or cautious ones of an unknown model. */
export interface ModelFacts {
  readonly contextTokens: number
  readonly maxOutputTokens: number
  /** A value of `thinking`, and the `max_tokens` that it needs; null: the model does not think. */
  readonly thinking: { readonly value: object; readonly maxTokens: number } | null
  /** Whether a tool can be forced. */
  readonly forcesTools: boolean
}

/** The requirement is not met. */
export class CheckFailure extends Error {
  override readonly name = 'CheckFailure'
}

/** The requirement cannot be observed here. */
export class CheckSkip extends Error {
  override readonly name = 'CheckSkip'
}

/** Fails the check with what was found. */
export function ensure(condition: boolean, problem: string): asserts condition {
  if (!condition) throw new CheckFailure(problem)
}

export interface Row {
  readonly id: string
  readonly asks: string
  readonly source: string
  readonly result: 'passed' | 'failed' | 'skipped'
  /** Why it failed or was skipped; empty if it passed. */
  readonly because: string
  /** The last request of the check and its answer, shortened, without credentials. */
  readonly sent: string
  readonly got: string
  readonly tookMs: number
}
