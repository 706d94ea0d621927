import { ensure } from './check.ts'
import type { Check } from './check.ts'
import { ensureStatus, readMessage, vertexDialect, vertexDialectWithoutVersion } from './dialect.ts'
import { hello } from './hello.ts'
import { assemble } from './stream.ts'

const usual = { input: 60, output: 16 }
const { ask } = vertexDialect

/** The requirements of Vertex AI's protocol alone. */
export const vertexChecks: readonly Check[] = [
  {
    id: 'vertex.path.without_version',
    asks: 'The base URL works without /v1, as in the documentation of Claude Code.',
    source: 'gateway',
    tokens: usual,
    run: async (target) => void readMessage(await vertexDialectWithoutVersion.ask(target, hello)),
  },
  {
    id: 'vertex.path.stream_without_version',
    asks: 'Streams work without /v1 too.',
    source: 'gateway',
    tokens: usual,
    async run(target) {
      const answer = await vertexDialectWithoutVersion.ask(target, hello, { stream: true })
      ensureStatus(answer, [200])
      assemble(vertexDialect.readEvents(answer))
    },
  },
  {
    id: 'vertex.path.count_without_version',
    asks: 'Token counts work without /v1 too, or are refused with 404 or 501.',
    source: 'gateway',
    async run(target) {
      ensureStatus(await vertexDialectWithoutVersion.count(target, hello), [200, 404, 501])
    },
  },
  {
    id: 'vertex.path.encoded_at',
    asks: 'The model may be in the path with an encoded @.',
    source: 'vertex',
    tokens: usual,
    run: async (target) =>
      void readMessage(await ask(target, hello, { model: target.model.replaceAll('@', '%40') })),
  },
  {
    id: 'vertex.headers.version',
    asks: 'The header anthropic-version of Claude Code beside the version in the body is no error.',
    source: 'capture',
    tokens: usual,
    run: async (target) =>
      void readMessage(await ask(target, hello, { headers: { 'anthropic-version': '2023-06-01' } })),
  },
  {
    id: 'vertex.betas.claude_code',
    asks: 'The betas that Claude Code sends in the header are served.',
    source: 'capture',
    tokens: usual,
    async run(target) {
      const headers = {
        'anthropic-beta': 'claude-code-20250219,interleaved-thinking-2025-05-14,effort-2025-11-24',
      }
      readMessage(await ask(target, hello, { headers }))
    },
  },
  {
    id: 'vertex.error.code',
    asks: 'An unknown model is a NOT_FOUND of Google, or an error of the Messages API.',
    source: 'vertex',
    async run(target) {
      const answer = await ask(target, hello, { model: 'claude-conformance-0' })
      ensureStatus(answer, [404, 400])
      const message = vertexDialect.readError(answer)
      ensure(message !== '', 'the error has no message')
    },
  },
]
