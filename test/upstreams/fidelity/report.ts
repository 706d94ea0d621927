import { mock } from 'node:test'

import { upstreamPlatforms } from '../platform-answers.ts'
import type { UpstreamPlatform } from '../platform-answers.ts'
import { runAnswers } from './answers.ts'
import type { AnyProtocol } from './answers.ts'
import { chooseModels, runNativeRequests } from './native-requests.ts'
import type { States } from './native-requests.ts'
import { nativeProtocols } from './protocol-requests.ts'
import { startRig } from './rig.ts'
import type { Rig } from './rig.ts'
import { runTranslatedRequests, translatedProtocols } from './translated-requests.ts'

export const protocols: readonly AnyProtocol[] = [...nativeProtocols, ...translatedProtocols]

/** The states of all fields of one protocol at one platform, plain or streamed. */
export interface FidelityResult {
  readonly protocol: AnyProtocol
  readonly platform: UpstreamPlatform
  readonly stream: boolean
  readonly requests: States
  readonly answers: States
}

/** What models and platforms accept changes with the day, and the page must not change by itself. */
export const reportDay = '2026-11-29'

/** Sends every field of every protocol to every platform, through real gateways, with the catalog's rules of `reportDay`. */
export async function runFidelity(): Promise<readonly FidelityResult[]> {
  mock.timers.enable({ apis: ['Date'], now: Date.parse(`${reportDay}T12:00:00Z`) })
  try {
    return await runAll()
  } finally {
    mock.timers.reset()
  }
}

async function runAll(): Promise<readonly FidelityResult[]> {
  const rigs = await Promise.all(upstreamPlatforms.map(startRig))
  try {
    const [anthropic] = rigs
    const models = anthropic === undefined ? new Map<never, string>() : await chooseModels(anthropic)
    const results: FidelityResult[] = []
    for (const rig of rigs)
      for (const protocol of protocols)
        for (const stream of [false, true]) {
          const requests = await runRequests(rig, protocol, stream, models)
          const answers = await runAnswers(rig, protocol, stream)
          results.push({ protocol, platform: rig.platform, stream, requests, answers })
        }
    return results
  } finally {
    await Promise.all(rigs.map((rig) => rig.close()))
  }
}

function runRequests(
  rig: Rig,
  protocol: AnyProtocol,
  stream: boolean,
  models: Awaited<ReturnType<typeof chooseModels>>,
): Promise<States> {
  return protocol === 'converse' || protocol === 'openai'
    ? runTranslatedRequests(rig, protocol, stream)
    : runNativeRequests(rig, protocol, stream, models)
}
