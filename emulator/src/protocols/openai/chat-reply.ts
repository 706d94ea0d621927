import { chatError, createSseDecoder, parseError } from '@anthology/wire'
import type { StreamEvent } from '@anthology/wire'

import type { Frame, Reply } from '../../http/reply.ts'
import { readBody } from '../../http/reply-body.ts'

/** Writes the answer of the Messages endpoint anew: the same head but for the names of its headers. */
export function chatJsonReply(reply: Reply, value: unknown, tokens = 0): Reply {
  const bytes = utf8.encode(JSON.stringify(value))
  const headers = { ...chatHeaders(reply.headers), 'content-length': String(bytes.length) }
  return { status: reply.status, headers, frames: [{ bytes, tokens }].values() }
}

export function chatErrorReply(reply: Reply, type: string, message: string): Reply {
  return chatJsonReply(reply, chatError(type, message))
}

/** An error of the Messages endpoint in the shape that OpenAI's clients read. */
export function translateErrorReply(reply: Reply): Reply {
  const { type, message } = parseError(readBody(reply).bytes)
  return chatErrorReply(reply, type ?? 'api_error', message)
}

/** A stream in other words: `tell` gives the objects that say what an event says. */
export function chatStreamReply(reply: Reply, translate: (event: StreamEvent) => readonly unknown[]): Reply {
  return { ...reply, headers: chatHeaders(reply.headers), frames: translateFrames(reply.frames, translate) }
}

function* translateFrames(
  frames: Iterator<Frame>,
  translate: (event: StreamEvent) => readonly unknown[],
): Generator<Frame, void> {
  const decoder = createSseDecoder({ maxLineBytes: maxEventBytes, maxEventBytes: maxEventBytes })
  for (let next = frames.next(); !next.done; next = frames.next()) {
    const { bytes, tokens } = next.value
    // The emulator's own events, as it wrote them a moment ago.
    const events = decoder.push(bytes).map(({ data }) => JSON.parse(data) as StreamEvent)
    const translated = events.flatMap((event) =>
      event.type === 'error' ? [chatError(event.error.type, event.error.message)] : translate(event),
    )
    if (translated.length === 0 && tokens === 0) continue
    yield {
      bytes: utf8.encode(translated.map((value) => `data: ${JSON.stringify(value)}\n\n`).join('')),
      tokens,
    }
  }
  yield { bytes: utf8.encode('data: [DONE]\n\n'), tokens: 0 }
}

/** One event may bring the whole result of a server tool. */
const maxEventBytes = 32 * 1024 * 1024

/** docs.claude.com, api/openai-sdk, Nov 2025: the rate-limit headers have other names here. */
function chatHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => name !== 'content-length')
  return {
    ...Object.fromEntries(kept.map(([name, value]) => [chatHeaderName(name), value])),
    'openai-version': '2020-10-01',
    'openai-processing-ms': '',
  }
}

function chatHeaderName(name: string): string {
  const [, kind, figure] = /^anthropic-ratelimit-(requests|tokens)-(limit|remaining|reset)$/.exec(name) ?? []
  return kind && figure ? `x-ratelimit-${figure}-${kind}` : name
}

const utf8 = new TextEncoder()
