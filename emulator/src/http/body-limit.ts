import { maxBodyBytes } from '@anthology/catalog'

import { isControlTarget, maxControlBytes } from '../control/paths.ts'
import { maxBatchBytes } from '../api/batches/batch-body.ts'
import { maxUploadBytes } from '../api/files/upload.ts'

/** The largest request body that the path's endpoint accepts. */
export function bodyLimitBytes(path: string): number {
  if (isControlTarget(path)) return maxControlBytes
  const [endpoint = ''] = path.split('?', 1)
  if (endpoint.endsWith('/v1/messages/batches')) return maxBatchBytes
  return endpoint.endsWith('/v1/files') ? maxUploadBytes : maxBodyBytes
}
