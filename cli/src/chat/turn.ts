import { createMessageAccumulator, createSseDecoder, parseJson, readRecord, readText } from '@anthology/wire'
import type { AccumulatedMessage } from '@anthology/wire'

import { sendRequest, toCliError } from './server.ts'
import type { Server } from './server.ts'

/** The body of a Messages request, streamed. */
export interface TurnRequest {
  readonly model: string
  readonly max_tokens: number
  readonly system?: string
  readonly messages: readonly TurnMessage[]
}

export interface TurnMessage {
  readonly role: 'user' | 'assistant'
  readonly content: readonly object[]
}

/** How an answer ended: complete, stopped by the user, or interrupted by an error. */
export interface Answer {
  readonly message: AccumulatedMessage | null
  readonly ending: 'whole' | 'stopped' | 'broken'
  /** The error that interrupted it. */
  readonly problem: string | null
  /** The server's notice, for example about an adjusted request. */
  readonly notice: string | null
}

export interface TurnOptions {
  readonly signal: AbortSignal
  readonly onText: (text: string) => void
}

/** The maximum size of one event; the largest ones contain a whole tool result. */
const limits = { maxEventBytes: 16 * 1024 * 1024 }

/** Sends one turn and passes on the answer's text as it arrives. Throws an API error with a hint. */
export async function sendTurn(server: Server, request: TurnRequest, options: TurnOptions): Promise<Answer> {
  const { signal } = options
  try {
    const body = JSON.stringify({ ...request, stream: true })
    const response = await sendRequest(server, '/v1/messages', { method: 'POST', body, signal })
    if (!response.ok || response.body === null) throw await toCliError(server, response, request.model)
    return await readAnswer(response, response.body, options)
  } catch (error) {
    if (signal.aborted) return { message: null, ending: 'stopped', problem: null, notice: null }
    throw error
  }
}

async function readAnswer(
  response: Response,
  body: ReadableStream<Uint8Array>,
  { signal, onText }: TurnOptions,
): Promise<Answer> {
  const [decoder, answer] = [createSseDecoder(limits), createMessageAccumulator()]
  const notice = response.headers.get('x-anthology-notice')
  const end = (ending: Answer['ending'], problem: string | null = null): Answer => {
    return { message: answer.message(), ending, problem, notice }
  }
  try {
    for await (const chunk of body) {
      for (const event of decoder.push(chunk)) {
        answer.apply(event)
        const text = getText(event)
        if (text !== '') onText(text)
      }
    }
  } catch (error) {
    if (signal.aborted) return end('stopped')
    return end('broken', error instanceof Error ? error.message : String(error))
  }
  if (answer.error !== null) return end('broken', getMessage(answer.error))
  return answer.complete ? end('whole') : end('broken', 'the stream ended before the answer was complete')
}

/** Returns the text in a `content_block_delta`, or the initial text of a block. */
function getText({ event, data }: { readonly event: string; readonly data: string }): string {
  if (event !== 'content_block_delta' && event !== 'content_block_start') return ''
  const part = readRecord(parseJson(data), event === 'content_block_delta' ? 'delta' : 'content_block')
  const type = readText(part, 'type')
  return type === 'text_delta' || type === 'text' ? (readText(part, 'text') ?? '') : ''
}

function getMessage(envelope: object): string {
  return (
    readText(readRecord(envelope, 'error'), 'message') ?? 'the server reported an error without a message'
  )
}
