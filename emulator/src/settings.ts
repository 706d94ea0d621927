import type { BatchStore } from './api/batches/batch-store.ts'

import type { CacheStore } from './cache/store.ts'
import type { Capacity } from './capacity/capacity.ts'
import type { ServedModels } from './api/served-models.ts'
import type { FileStore } from './api/files/file-store.ts'
import type { IdGenerator } from './ids.ts'
import type { SchemaChecker } from './tools/schema-check.ts'

export interface Settings {
  readonly seed: string
  readonly ids: IdGenerator
  readonly keys: ReadonlySet<string> | null
  /** The pairs whose signatures are taken on Bedrock's paths; null: any signature is. */
  readonly awsCredentials: readonly AwsCredentials[] | null
  /** 0: at once. */
  readonly tokensPerSecond: number
  readonly servedModels: ServedModels
  readonly now: () => number
  readonly batches: BatchStore
  readonly files: FileStore
  readonly cache: CacheStore
  readonly capacity: Capacity
  readonly checker: SchemaChecker
}

/** An access key of AWS, with which requests are signed. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
}
