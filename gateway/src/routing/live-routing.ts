import type { Log } from '../log.ts'
import { listRoutingChanges } from '../organization/routing-changes.ts'
import type { RoutingChange } from '../organization/routing-changes.ts'
import type { Queries } from '../store/database.ts'
import { readAlias } from './alias.ts'
import type { Alias } from './alias.ts'
import type { ForeignNames } from './foreign-name.ts'
import { createNameResolver } from './name-resolver.ts'
import type { ResolveName } from './name-resolver.ts'
import { createRoutingOrder } from './routing-config.ts'
import type { RoutingConfig, RoutingOrder, Weights } from './routing-config.ts'

export interface RoutingOptions {
  readonly config: RoutingConfig
  readonly upstreams: readonly string[]
  readonly foreign: ForeignNames
  readonly nowMs?: (() => number) | undefined
}

/** Interval of the look for changes by other processes. */
const pollMs = 400

/** The routing of a process: that of the configuration, with the changes in the store, which every process reads. */
export class LiveRouting {
  readonly config: RoutingConfig
  readonly foreign: ForeignNames
  readonly order: RoutingOrder
  readonly resolveModel: ResolveName
  #aliases: ReadonlyMap<string, Alias> = new Map()
  #weights: Weights
  #seen = '[]'
  #failure = ''
  #source: { readonly database: Queries; readonly log: Log } | null = null
  #timer: NodeJS.Timeout | undefined
  #reading: Promise<void> | null = null

  constructor({ config, upstreams, foreign, nowMs }: RoutingOptions) {
    this.config = config
    this.foreign = foreign
    this.#weights = config.weights ?? {}
    this.order = createRoutingOrder(config, upstreams, foreign, () => this.#weights)
    this.resolveModel = createNameResolver(config, { foreign, nowMs, getChanged: () => this.#aliases })
  }

  /** Reads the changes, and keeps reading them until `close`. */
  async watch(database: Queries, log: Log): Promise<void> {
    this.#source = { database, log }
    await this.refresh()
    this.#timer = setInterval(() => void this.refresh(), pollMs)
    this.#timer.unref()
  }

  /** Makes a change that is stored effective in this process now. If it cannot be read, everything stays as it is. */
  refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => {
      this.#reading = null
    })
    return this.#reading
  }

  async close(): Promise<void> {
    clearInterval(this.#timer)
    await this.#reading
  }

  async #read(): Promise<void> {
    if (this.#source === null) return
    const { database, log } = this.#source
    try {
      const changes = await listRoutingChanges(database)
      const text = JSON.stringify(changes)
      if (text !== this.#seen) this.#apply(changes)
      this.#seen = text
      this.#failure = ''
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error)
      if (message !== this.#failure) log({ level: 'warn', event: 'routing_changes_unreadable', message })
      this.#failure = message
    }
  }

  /** An alias that is not valid any more, because the configuration has changed, is left out. */
  #apply(changes: readonly RoutingChange[]): void {
    const aliases = new Map<string, Alias>()
    let weights = this.config.weights ?? {}
    for (const change of changes) {
      if (change.kind === 'weights') weights = change.weights
      else {
        const read = readAlias(change.name, change.target, this.foreign)
        if ('alias' in read) aliases.set(change.name, read.alias)
        else
          this.#source?.log({ level: 'warn', event: 'routing_change_ignored', message: read.problem.message })
      }
    }
    this.#aliases = aliases
    this.#weights = weights
  }
}
