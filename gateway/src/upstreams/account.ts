import type { Upstream } from '@anthology/wire'
import type { FoundryHosting, Platform } from '@anthology/catalog'

import type { PlatformAdapter } from './adapter.ts'
import type { ForeignModels } from './foreign-model.ts'
import type { BetaOverrides } from './beta-policy.ts'
import type { LearnedSecrets } from './credentials/learned-secrets.ts'
import type { OwnRates } from './own-price.ts'
import type { TokenQuota } from './token-quota.ts'

/** An account on an upstream platform. */
export interface UpstreamAccount {
  readonly name: string
  readonly platform: Platform
  readonly upstream: Upstream
  /** Gives requests the platform's form, and answers the form of the Messages API. Default: that of the Claude API. */
  readonly adapter?: PlatformAdapter
  /** The region or location that decides names and prices; absent on the Claude API. */
  readonly region?: string | undefined
  /** The host of the deployments of an upstream of Foundry, if it is known. */
  readonly hosting?: FoundryHosting | undefined
  /** The betas that it takes under another name, or not at all, besides what the catalog knows of its platform. */
  readonly betas?: BetaOverrides
  /** The prefix of inference profiles on Bedrock, or `none`; default: that of the region's geography. */
  readonly profile?: string | undefined
  /** Prices of the upstream's own, in place of the catalog's. */
  readonly rates?: OwnRates
  /** Names of models at this upstream that replace the catalog's, by model id; `*` stands for every model. */
  readonly models?: ReadonlyMap<string, string>
  /** Set if the upstream serves models outside the catalog; it then offers no others. */
  readonly foreign?: ForeignModels
  /** Set if the platform limits tokens per minute without reporting what is left. */
  readonly quota?: TokenQuota
  /** Its credentials, for redaction in logs. */
  readonly secrets: readonly string[]
  /** Those that requests carry, for redaction in responses. Default: all. */
  readonly sentSecrets?: readonly string[]
  /** Credentials that it receives while running, such as access tokens; redacted as well. */
  readonly learned?: LearnedSecrets
  /** Set for HTTP upstreams; traces include its host. */
  readonly baseUrl?: string
  /** The forward proxy to it, without user and password. */
  readonly proxy?: string
  /** The number of open connections. */
  connections?(): number
  /** The number of times that all connections were in use. */
  connectionsFull?(): number
  close?(): Promise<void>
}
