import { models as catalogModels } from '@anthology/catalog'
import type { LifecycleMode, Model } from '@anthology/catalog'
import type { Receiver, Upstream, UpstreamHandle, UpstreamRequest } from '@anthology/wire'

import { createIdentity } from './identity.ts'
import { startPlayback } from './playback.ts'
import type { Playback } from './playback.ts'
import { answer } from './routes.ts'
import type { Settings } from './routes.ts'

export interface EmulatorOptions {
  /** Answers and ids are a function of the seed; two emulators with one seed say the same. */
  readonly seed?: string
  /** The clock of `asOf`. */
  readonly now?: () => number
  /** The models to stand in for; default all of the catalog. */
  readonly models?: readonly Model[]
  /** 0, the default, answers as fast as the receiver takes it. */
  readonly tokensPerSecond?: number
  /** Default `ignore`: every model is served, a retired one with a notice. */
  readonly lifecycle?: LifecycleMode
  /** `YYYY-MM-DD`, default today. */
  readonly asOf?: string
  /** The keys that are let in; null, the default, lets in any key and none. */
  readonly keys?: readonly string[] | null
  /** Makes the `request-id` of each response. */
  readonly requestIds?: () => string
}

/** Any method is answered, the ones that are not part of the API with a 405. */
export interface EmulatorRequest extends Omit<UpstreamRequest, 'method'> {
  readonly method: string
}

export interface Emulator extends Upstream {
  send(request: EmulatorRequest, receiver: Receiver): UpstreamHandle
  /** Fails what is under way, and whatever is sent afterwards. */
  close(): void
}

/** An offline stand-in for the Claude API: same shapes, same refusals, made-up words. */
export function createEmulator(options: EmulatorOptions = {}): Emulator {
  const settings = readSettings(options)
  const tokensPerSecond = options.tokensPerSecond ?? 0
  const playing = new Set<Playback>()
  let isClosed = false

  return {
    send: (request, receiver) => {
      const makeReply = () => {
        if (isClosed) throw new EmulatorError('closed', 'the emulator is closed')
        return answer(request, settings)
      }
      const done = () => playing.delete(playback)
      const playback = startPlayback(makeReply, receiver, { tokensPerSecond, done })
      playing.add(playback)
      return playback
    },
    close: () => {
      isClosed = true
      for (const playback of playing) playback.fail(new EmulatorError('closed', 'the emulator was closed'))
    },
  }
}

export class EmulatorError extends Error {
  readonly code: 'closed'

  constructor(code: 'closed', message: string) {
    super(message)
    this.name = 'EmulatorError'
    this.code = code
  }
}

function readSettings(options: EmulatorOptions): Settings {
  const { seed = 'anthology', now = Date.now, lifecycle = 'ignore', keys = null } = options
  return {
    seed,
    identity: createIdentity(seed, options.requestIds),
    keys: keys && new Set(keys),
    family: {
      models: options.models ?? catalogModels,
      lifecycle,
      asOf: () => options.asOf ?? new Date(now()).toISOString().slice(0, 10),
    },
  }
}
