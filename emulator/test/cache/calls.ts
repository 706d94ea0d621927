import { finishSteps } from '../../src/steps.ts'
import { resolve } from '@anthology/catalog'
import type { MessagesRequest } from '@anthology/wire'

import { measureCache } from '../../src/cache/measure.ts'
import { createCacheStore } from '../../src/cache/store.ts'
import type { ValidRequest } from '../../src/message/valid-request.ts'
import { readPrompt } from '../../src/message/prompt.ts'

export type Body = Partial<MessagesRequest> & Pick<MessagesRequest, 'messages'>

/** Words of two letters; each is one token with its space. */
export function words(count: number, word = 'ab'): string {
  return Array.from({ length: count }, () => word).join(' ')
}

/** Validates a request, which must be valid. */
export function accept(body: Body, more: Partial<ValidRequest> = {}): ValidRequest {
  const request: MessagesRequest = { model: 'claude-opus-4-1', max_tokens: 100, ...body }
  const found = resolve(request.model)
  if (!found.ok) throw new Error(`no model ${request.model}`)
  const { model } = found
  return {
    ok: true,
    request,
    model,
    prompt: finishSteps(readPrompt(request, model, 'seed', { day: more.day ?? model.factsAsOf })),
    betas: [],
    apiVersion: '2023-06-01',
    key: null,
    batch: false,
    day: model.factsAsOf,
    droppedThinking: [],
    notices: [],
    ...more,
  }
}

export interface Service {
  /** Runs a successful call and returns its cache figures as `read`, `for5m`, `for1h`, `input`. */
  call(body: Body, more?: Partial<ValidRequest>): Figures
  pass(seconds: number): void
}

export interface Figures {
  readonly read: number
  readonly for5m: number
  readonly for1h: number
  readonly input: number
}

export function createService(): Service {
  const cache = createCacheStore()
  let nowMs = Date.UTC(2025, 7, 15)
  return {
    call: (body, more) => {
      const cached = measureCache(accept(body, more), { cache, now: () => nowMs })
      cached.commit()
      const { usage } = cached
      return {
        read: usage.cache_read_input_tokens ?? 0,
        for5m: usage.cache_creation?.ephemeral_5m_input_tokens ?? 0,
        for1h: usage.cache_creation?.ephemeral_1h_input_tokens ?? 0,
        input: usage.input_tokens,
      }
    },
    pass: (seconds) => {
      nowMs += seconds * 1_000
    },
  }
}
