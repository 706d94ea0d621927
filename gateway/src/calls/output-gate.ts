import { encodeSse, parseJson, readSseEvents } from '@anthology/wire'
import type { Frame, SseEventReader } from '@anthology/wire'

import type { CallMoney } from './call-money.ts'
import { hasThinkingText } from './hidden-thinking.ts'

/**
 * Lets content of a stream pass as long as the call's hold pays for it. The tokens are bounded by the bytes of the
 * deltas: a token of text has two bytes or more on average, and escapes make the JSON only longer.
 */
export class OutputGate {
  readonly #money: CallMoney
  #passedTokens = 0
  /** The data of the last event of a content block that is still open. */
  #openBlock: Uint8Array | null = null

  constructor(money: CallMoney) {
    this.#money = money
  }

  /** An upper bound of the tokens that have passed. */
  get passedTokens(): number {
    return this.#passedTokens
  }

  /** True if the frame may pass; false: the budget has no money for it. A promise only if another process must be asked. */
  admit(frame: Frame): boolean | Promise<boolean> {
    const { tokens, openBlock } = this.#measure(frame)
    const wanted = this.#passedTokens + tokens
    const pass = (isHeld: boolean): boolean => {
      if (!isHeld) return false
      this.#passedTokens = wanted
      this.#openBlock = openBlock
      return true
    }
    if (wanted <= this.#money.heldTokens) return pass(true)
    const extended = this.#money.extendTo(wanted)
    return extended instanceof Promise ? extended.then(pass) : pass(extended)
  }

  /**
   * The frame in parts that a slice pays for. A fast upstream sends hundreds of events at once, and a budget that pays
   * for most of them must not deny them all.
   */
  divide(frame: Frame): readonly Frame[] {
    const { bytes, kind } = frame
    const { sliceTokens } = this.#money
    if (bytes.length <= sliceTokens * bytesPerToken) return [frame]
    const parts: Frame[] = []
    let [from, behind, tokens, openBlock] = [0, 0, 0, this.#openBlock]
    const reader = readSseEvents(bytes)
    while (reader.next()) {
      const added = measureEvent(reader, openBlock)
      openBlock = followBlock(reader, openBlock)
      if (behind > from && tokens + added > sliceTokens) {
        parts.push({ kind, bytes: bytes.subarray(from, behind) })
        ;[from, tokens] = [behind, 0]
      }
      tokens += added
      // The place of an event that had to be put together is not known.
      if (reader.bytes === bytes) behind = skipLineEnds(bytes, reader.end)
    }
    return parts.length === 0 ? [frame] : [...parts, { kind, bytes: bytes.subarray(from) }]
  }

  /** The last events of a message that ends here as if `max_tokens` had been reached. */
  createEnding(outputTokens: number): readonly Frame[] {
    const frames: Frame[] = []
    const index = this.#openBlock === null ? null : readIndex(this.#openBlock)
    if (index !== null)
      frames.push({ kind: 'plain', bytes: encodeEvent({ type: 'content_block_stop', index }) })
    const delta = { stop_reason: 'max_tokens', stop_sequence: null }
    const usage = { output_tokens: outputTokens }
    frames.push({ kind: 'message_delta', bytes: encodeEvent({ type: 'message_delta', delta, usage }) })
    frames.push({ kind: 'message_stop', bytes: encodeEvent({ type: 'message_stop' }) })
    return frames
  }

  #measure(frame: Frame): { readonly tokens: number; readonly openBlock: Uint8Array | null } {
    let tokens = 0
    let openBlock = this.#openBlock
    const reader = readSseEvents(frame.bytes)
    while (reader.next()) {
      tokens += measureEvent(reader, openBlock)
      openBlock = followBlock(reader, openBlock)
    }
    return { tokens, openBlock }
  }
}

/** The data of the last event of the open block, after this event. */
function followBlock(reader: SseEventReader, openBlock: Uint8Array | null): Uint8Array | null {
  if (reader.isNamed('content_block_stop')) return null
  const isContent = reader.isNamed('content_block_delta') || reader.isNamed('content_block_start')
  return isContent ? reader.bytes.subarray(reader.start, reader.end) : openBlock
}

function measureEvent(reader: SseEventReader, openBlock: Uint8Array | null): number {
  if (reader.isNamed('content_block_delta')) return measureDelta(reader, openBlock)
  if (!reader.isNamed('content_block_start')) return 0
  return Math.ceil((reader.end - reader.start) / bytesPerBlockToken)
}

/** The offset behind the line ends at `at`. */
function skipLineEnds(bytes: Uint8Array, at: number): number {
  let end = at
  while (bytes[end] === lineFeed || bytes[end] === carriageReturn) end += 1
  return end
}

function measureDelta(reader: SseEventReader, openBlock: Uint8Array | null): number {
  const length = reader.end - reader.start
  const head = Buffer.from(reader.bytes.buffer, reader.bytes.byteOffset + reader.start, Math.min(length, 120))
  // A signature is output only if it stands for thinking that is hidden.
  if (head.includes(signatureName))
    return openBlock !== null && hasThinkingText(utf8.decode(openBlock))
      ? 0
      : Math.ceil(length / bytesPerBlockToken)
  return Math.ceil(Math.max(0, length - minDeltaBytes) / bytesPerToken)
}

function readIndex(data: Uint8Array): number | null {
  const event = parseJson(utf8.decode(data))
  const index = typeof event === 'object' && event !== null && 'index' in event ? event.index : null
  return typeof index === 'number' ? index : null
}

function encodeEvent(event: { readonly type: string } & Readonly<Record<string, unknown>>): Uint8Array {
  return encodeSse(event.type, JSON.stringify(event))
}

const [lineFeed, carriageReturn] = [0x0a, 0x0d]

const bytesPerToken = 2
/** The name and the id of a tool are output, the rest of the event is not. Hidden thinking has more bytes per token. */
const bytesPerBlockToken = 4
const minDeltaBytes = '{"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":""}}'
  .length
const utf8 = new TextDecoder()
const signatureName = Buffer.from('"signature_delta"')
