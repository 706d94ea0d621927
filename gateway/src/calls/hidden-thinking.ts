import { parseJson, readRecord, readSseEvents, readText } from '@anthology/wire'

/**
 * Counts the thinking of a stream whose text the client does not get: blocks with a signature and no text (`display:
 * omitted`), and `redacted_thinking`. One event has all of a block, and its length is no measure of other events, so these
 * are never part of a sample. Only a frame with a long line and the name of such an event is parsed.
 */
export class HiddenThinking {
  #characters = 0
  /** The last frame with an event of content: a ping may stand between it and a signature. */
  #previous: Uint8Array = new Uint8Array()

  /** The estimated tokens. */
  get tokens(): number {
    return Math.round(this.#characters / charactersPerToken)
  }

  observe(frame: Uint8Array): void {
    if (hasLongLine(frame) && (contains(frame, signatureName) || contains(frame, redactedName))) {
      const { hasText } = readThinking(this.#previous, false)
      this.#characters += readThinking(frame, hasText).hiddenCharacters
    }
    if (frame[nameStart] === letterC || contains(frame, contentName)) this.#previous = frame
  }
}

/** Whether an event of content has text of thinking. The signature that follows such an event is not output. */
export function hasThinkingText(data: string): boolean {
  const event = parseJson(data)
  const thinking =
    readText(readRecord(event, 'delta'), 'thinking') ??
    readText(readRecord(event, 'content_block'), 'thinking') ??
    ''
  return thinking !== ''
}

/**
 * Signature and data are base64 of the encrypted thinking ("Thinking encryption" of the Bedrock user guide), that is, four
 * characters for three bytes, and a token of English has about four bytes. This is an estimate, because no page states
 * the ratio; headroomlabs-ai/headroom#3482 took the same from a sample of traffic. The emulator's signatures contain
 * the number of tokens in place of the thinking, so their length is no measure.
 */
export const charactersPerToken = 16 / 3

interface ThinkingReading {
  readonly hiddenCharacters: number
  /** The last block of thinking has text. */
  readonly hasText: boolean
}

/** `before`: the block that is open at the start of the frame has text of thinking. */
function readThinking(frame: Uint8Array, before: boolean): ThinkingReading {
  let hiddenCharacters = 0
  let hasText = before
  const reader = readSseEvents(frame)
  while (reader.next()) {
    const isStart = reader.isNamed('content_block_start')
    if (!isStart && !reader.isNamed('content_block_delta')) continue
    const data = reader.decodeData()
    const event = parseJson(data)
    if (isStart) hiddenCharacters += readText(readRecord(event, 'content_block'), 'data')?.length ?? 0
    else if (!hasText) hiddenCharacters += readText(readRecord(event, 'delta'), 'signature')?.length ?? 0
    hasText = hasThinkingText(data) || (hasText && !isStart)
  }
  return { hiddenCharacters, hasText }
}

/** Looks at each line once from behind, which costs a tenth of a search for the names. */
function hasLongLine(frame: Uint8Array): boolean {
  let start = 0
  while (start + minLineBytes <= frame.length) {
    const feed = frame.lastIndexOf(lineFeed, start + minLineBytes - 1)
    if (feed < start) return true
    start = feed + 1
  }
  return false
}

function contains(frame: Uint8Array, name: Buffer): boolean {
  return Buffer.prototype.includes.call(frame, name)
}

/** The names with their quotes, which are escaped inside a text. */
const signatureName = Buffer.from('"signature_delta"')
const redactedName = Buffer.from('"redacted_thinking"')
const contentName = Buffer.from('content_block_')

/** The data of a signature of 30 tokens. Nearly all other events are shorter. */
const minLineBytes = 256

const lineFeed = 0x0a
const nameStart = 'event: '.length
/** Only the events of content blocks start with a c. */
const letterC = 0x63
