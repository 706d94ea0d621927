import { join } from 'node:path'

import { GatewayError } from '../errors.ts'
import { findLiveWorkspace } from '../organization/workspaces.ts'
import type { Queries } from '../store/database.ts'
import { parseDays } from '../store/retention.ts'

/** `bodies` of the configuration: with it, prompts and answers are stored. */
export interface BodiesConfig {
  /** A number of days, such as `7d`, or `forever`. */
  readonly retention?: string
  readonly max_bytes?: number
  /** Default: `bodies` in the data folder. */
  readonly folder?: string
  /** The names of the workspaces whose calls are stored; default: all. */
  readonly workspaces?: readonly string[]
}

export interface BodySettings {
  /** As in the configuration. */
  readonly retention: string
  /** Null: forever. */
  readonly keptMs: number | null
  /** A request and an answer are cut at this size each. */
  readonly maxBytes: number
  readonly folder: string
  /** The ids of the workspaces whose calls are stored; null: all. */
  readonly workspaces: ReadonlySet<string> | null
}

/** Throws a GatewayError if a workspace does not exist. One that is renamed later is the same. */
export async function readBodiesConfig(
  { retention = '7d', max_bytes: maxBytes = 1_048_576, folder, workspaces }: BodiesConfig,
  dataFolder: string,
  queries: Queries,
): Promise<BodySettings> {
  return {
    retention,
    keptMs: parseDays(retention),
    maxBytes,
    folder: folder ?? join(dataFolder, 'bodies'),
    workspaces: workspaces === undefined ? null : await findWorkspaceIds(queries, workspaces),
  }
}

async function findWorkspaceIds(queries: Queries, names: readonly string[]): Promise<ReadonlySet<string>> {
  const ids = new Set<string>()
  for (const name of names) {
    try {
      ids.add((await findLiveWorkspace(queries, name)).id)
    } catch (error) {
      if (!(error instanceof GatewayError)) throw error
      throw new GatewayError('config_invalid', `bodies.workspaces: ${error.message}`, {
        hint: 'Name it in workspaces too: then it is created at the start.',
      })
    }
  }
  return ids
}
