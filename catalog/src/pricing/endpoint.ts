import type { Platform } from '../model.ts'
import { resolve } from '../names/resolve.ts'
import type { PriceOptions } from './price.ts'

/** The place where a call with a certain model name runs. */
export interface Endpoint {
  readonly platform: Platform
  /** The price class; undefined: the name leaves it open. */
  readonly region: PriceOptions['region']
  /** False if a region given elsewhere decides, because the name has none. */
  readonly isFixed: boolean
}

/**
 * Reads from a name on Bedrock or Google Cloud where the call runs; null for names of other platforms.
 *
 * On Bedrock only the profile `global.` has the global price: profiles of a geography (`us.`, `eu.`, `jp.`)
 * and calls within one region, which have no prefix, cost 10 % more from the 4.5 generation on (Pricing,
 * October 2026; Bedrock's global and geographic cross-Region inference, 2026). On Google Cloud the location
 * decides: regions and multi-regions (`us`, `eu`) cost 10 % more than `global`.
 */
export function findEndpoint(name: string): Endpoint | null {
  const location = vertexLocation.exec(name)?.groups?.['location']
  if (location !== undefined)
    return { platform: 'vertex', region: location === 'global' ? 'global' : 'regional', isFixed: true }
  const found = resolve(name)
  if (!found.ok) return null
  if (found.as === 'vertex') return { platform: 'vertex', region: undefined, isFixed: false }
  // Only Bedrock has inference profiles, however the rest of the name is spelled.
  if (found.as !== 'bedrock' && found.profile === undefined) return null
  const region = found.profile === 'global' ? 'global' : 'regional'
  return { platform: 'bedrock', region, isFixed: found.profile !== undefined }
}

const vertexLocation = /(?:^|\/)locations\/(?<location>[^/]+)\/publishers\/anthropic\/models\//

/**
 * Adds what a model's name implies about the endpoint. A given platform that is not the name's decides
 * alone. A given region decides only where the name has none: the source region of a call to a profile does
 * not change its price.
 */
export function withEndpoint<Options extends PriceOptions>(options: Options, name: string): Options {
  const endpoint = findEndpoint(name)
  if (endpoint === null) return options
  const { platform, region, isFixed } = endpoint
  if (options.platform !== undefined && options.platform !== platform) return options
  return { ...options, platform, region: isFixed ? region : (options.region ?? region) }
}
