import type { FoundryHosting } from '@anthology/catalog'

import type { BatchStore } from '../api/batches/batch-store.ts'
import type { CacheStore } from '../cache/store.ts'
import type { Replay } from '../cassettes/replay/replay.ts'
import type { Capacity } from '../capacity/capacity.ts'
import type { ServedModels } from '../api/served-models.ts'
import type { Script } from '../scenario/script.ts'
import type { FileStore } from '../api/files/file-store.ts'
import type { IdGenerator } from '../ids.ts'
import type { SchemaChecker } from '../tools/schema-check.ts'

export interface Settings {
  readonly seed: string
  readonly ids: IdGenerator
  readonly keys: ReadonlySet<string> | null
  /** The AWS credentials whose signatures are accepted on Bedrock's paths; null accepts any signature. */
  readonly awsCredentials: readonly AwsCredentials[] | null
  readonly foundry: FoundryResource
  /** 0 sends without pacing. */
  readonly tokensPerSecond: number
  readonly servedModels: ServedModels
  readonly now: () => number
  readonly batches: BatchStore
  readonly files: FileStore
  readonly cache: CacheStore
  readonly capacity: Capacity
  readonly checker: SchemaChecker
  readonly script: Script
  /** Recordings that answer in place of everything below; null: there are none. */
  readonly replay: Replay | null
}

/** An AWS access key that signs requests: of a user, or of a session, which has a token and an end. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  readonly sessionToken?: string
  readonly expiresAtMs?: number
}

/** The Foundry resource behind `/anthropic`. */
export interface FoundryResource {
  /** Its keys and tokens; null accepts any and none. */
  readonly keys: ReadonlySet<string> | null
  /** The models of deployments by name, beside those that are named like their model. */
  readonly deployments: ReadonlyMap<string, string>
  readonly hosting: FoundryHosting
}
