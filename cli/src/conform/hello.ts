import type { Body } from './dialect.ts'

/** The smallest ordinary request. */
export const hello: Body = {
  max_tokens: 16,
  messages: [{ role: 'user', content: 'Answer with one word: hello.' }],
}
