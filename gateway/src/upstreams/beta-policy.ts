import { betas as catalogBetas } from '@anthology/catalog'
import type { Platform } from '@anthology/catalog'
import { cloudBetas } from '@anthology/wire'

/** The betas for a platform, in its names, and a description of those that it does not get. */
export interface PlatformBetas {
  readonly betas: readonly string[]
  readonly notices: readonly string[]
}

/**
 * Leaves out the betas that the catalog knows to be rejected by a platform, because a single one would fail the whole
 * request. Betas that the catalog does not know are left to the platform.
 */
export function selectBetas(betas: readonly string[], platform: Platform): PlatformBetas {
  const rejected = betas.filter((value) => rejectedOn(platform).has(value))
  const kept = betas.filter((value) => !rejected.includes(value))
  const notices = rejected.map((value) => `${platform} does not accept the beta ${value}, which was left out`)
  return { betas: cloudBetas(kept), notices }
}

const rejections = new Map<Platform, ReadonlySet<string>>()

function rejectedOn(platform: Platform): ReadonlySet<string> {
  let values = rejections.get(platform)
  if (values === undefined) {
    values = new Set(
      catalogBetas.filter(({ platforms }) => platforms[platform] === false).map(({ value }) => value),
    )
    rejections.set(platform, values)
  }
  return values
}
