import { check } from '@anthology/catalog'
import type { Model, Platform } from '@anthology/catalog'
import type { BodyIndex } from '@anthology/wire'

/** Whether a platform may reject cache entries of an hour for a model; few do, so few prompts are searched for them. */
export function mayLackHour(model: Model, platform: Platform): boolean {
  const platforms = lackingHour.get(model) ?? new Map<Platform, boolean>()
  lackingHour.set(model, platforms)
  let lacks = platforms.get(platform)
  if (lacks === undefined) {
    const findings = check({ cache_ttls: ['1h'], betas: [] }, model, { platform })
    platforms.set(platform, (lacks = findings.some(({ code }) => code === 'cache_ttl_1h_unavailable')))
  }
  return lacks
}

const lackingHour = new WeakMap<Model, Map<Platform, boolean>>()

/**
 * Whether a block of the prompt asks for a cache entry of an hour. The mark of the whole request, a member of its own, is
 * left out: the platforms that lack such entries do not get it.
 */
export function hasHourMark({
  body,
  index,
}: {
  readonly body: Uint8Array
  readonly index: Pick<BodyIndex, 'members'>
}): boolean {
  return index.members.some(({ name, start, end }) => {
    if (!markedMembers.has(name)) return false
    const part = Buffer.from(body.buffer, body.byteOffset + start, end - start)
    let at = part.indexOf(ttlName)
    // The API accepts four marks. Further ones are names in the data of tools.
    for (let count = 0; at !== -1 && count < maxMarks; count += 1) {
      const around = part.toString('latin1', Math.max(0, at - markLength), at + markLength)
      if (hourMark.test(around)) return true
      at = part.indexOf(ttlName, at + ttlName.length)
    }
    return false
  })
}

const markedMembers: ReadonlySet<string> = new Set(['messages', 'system', 'tools'])
const ttlName = Buffer.from('"ttl"')
/** Quotes inside a text are escaped, so text about marks does not match. */
const hourMark = /"cache_control"\s*:\s*\{[^{}]{0,60}"ttl"\s*:\s*"1h"/
const markLength = 100
const maxMarks = 1_000
