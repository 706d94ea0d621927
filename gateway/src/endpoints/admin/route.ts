import type { Caller } from '../../auth/caller.ts'
import type { Role } from '../../auth/roles.ts'
import type { Context } from '../../context.ts'
import type { ClientExchange } from '../../http/client-exchange.ts'
import type { ReadReport } from '../../ledger/reports.ts'
import type { Change } from '../../organization/change.ts'
import type { Queries } from '../../store/database.ts'
import type { Schema } from './schema.ts'

/** A request of the admin API: authenticated, authorized, and valid by the schemas of its route. */
export interface AdminRequest {
  readonly context: Context
  readonly exchange: ClientExchange
  readonly caller: Caller
  /** Runs a report or a list. It is cancelled when the client disconnects. */
  readonly read: ReadReport
  /** The decoded values of `{name}` in the path. */
  readonly parameters: Readonly<Record<string, string>>
  /** Has the types of the route's `query`: numbers and booleans are converted, defaults are filled in. */
  readonly query: unknown
  /** Has the types of the route's `body`; undefined for a route without one. */
  readonly body: unknown
}

/** One operation of the admin API. */
export type AdminRoute = ReadingRoute | ChangingRoute

/** Everything about an operation except what it does. Its schemas validate requests and are printed in the OpenAPI document. */
interface RouteFacts {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Exact, except that `{name}` is any one segment. */
  readonly path: string
  /** The roles that may use it besides `admin`; an empty list is for admins only. */
  readonly roles: readonly Role[]
  /** The operation id, such as `listKeys`. Unique. */
  readonly operation: string
  readonly summary: string
  /** An object schema whose members are query parameters. Without one every parameter is refused. */
  readonly query?: Schema
  /** The schema of a JSON body. */
  readonly body?: Schema
  /** Describes a body that the route reads itself, as bytes. It is not validated. */
  readonly bytes?: Schema
  /** The schema of the answer; null: no body. */
  readonly answer: Schema | null
  /** The status of the answer. Default: 200, or 204 without a body. */
  readonly status?: 200 | 201 | 202
  /** The media type of the answer. Default: application/json. */
  readonly mediaType?: string
  /** A request that works on a new installation, for the document and the tests. */
  readonly example: AdminExample
}

/** An operation that changes nothing in the store. */
export interface ReadingRoute extends RouteFacts {
  /** Returns the body of the answer; null for none; `sent` if it has sent the answer itself. */
  readonly serve: (request: AdminRequest) => Promise<object | null | 'sent'>
}

/** An operation that changes the store. The result of the change is the body of the answer. */
export interface ChangingRoute extends RouteFacts {
  /**
   * Runs in one transaction with its row of the audit log and, for POST, the stored answer of its idempotency key. It
   * reads and writes through `queries` alone, and throws an ApiError or a GatewayError to change nothing.
   */
  readonly change: (request: AdminRequest, queries: Queries) => Promise<Change<object | null>>
}

export interface AdminExample {
  readonly parameters?: Readonly<Record<string, string>>
  /** Without the question mark. */
  readonly query?: string
  readonly body?: unknown
  /** The status of the answer on a new installation, if the example names something that it does not have. */
  readonly status?: 404
}
