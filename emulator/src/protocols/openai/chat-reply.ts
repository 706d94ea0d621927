import { chatError, nameChatHeader, decodeSse, encodeChatEvent, parseError } from '@anthology/wire'
import type { ChatTranslator } from '@anthology/wire'

import type { Frame, Reply } from '../../http/reply.ts'
import { readBody } from '../../http/reply-body.ts'

/** Replaces the body of a Messages reply; the headers are the same except for their names. */
export function chatJsonReply(reply: Reply, value: unknown, tokens = 0): Reply {
  const bytes = utf8.encode(JSON.stringify(value))
  const headers = { ...chatHeaders(reply.headers), 'content-length': String(bytes.length) }
  return { status: reply.status, headers, frames: [{ bytes, tokens }].values() }
}

export function chatErrorReply(reply: Reply, type: string, message: string): Reply {
  return chatJsonReply(reply, chatError(type, message))
}

/** Converts a Messages error to the shape of OpenAI. */
export function translateErrorReply(reply: Reply): Reply {
  const { type, message } = parseError(readBody(reply).bytes)
  return chatErrorReply(reply, type ?? 'api_error', message)
}

/** Converts the events of a message to chunks of a chat completion. */
export function chatStreamReply(reply: Reply, translate: ChatTranslator): Reply {
  return { ...reply, headers: chatHeaders(reply.headers), frames: translateFrames(reply.frames, translate) }
}

function* translateFrames(frames: Iterator<Frame>, translate: ChatTranslator): Generator<Frame, void> {
  for (let next = frames.next(); !next.done; next = frames.next()) {
    const { bytes, tokens } = next.value
    const text = decodeSse(bytes)
      .map(({ data }) => encodeChatEvent(data, translate))
      .join('')
    if (text !== '' || tokens > 0) yield { bytes: utf8.encode(text), tokens }
  }
}

/** The rate-limit headers have other names here (docs.claude.com, api/openai-sdk, Nov 2025). */
function chatHeaders(headers: Readonly<Record<string, string>>): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => name !== 'content-length')
  return {
    ...Object.fromEntries(kept.map(([name, value]) => [nameChatHeader(name), value])),
    'openai-version': '2020-10-01',
    'openai-processing-ms': '',
  }
}

const utf8 = new TextEncoder()
