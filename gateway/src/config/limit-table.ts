export type LimitUnit = 'bytes' | 'ms' | 'count'

/**
 * A limit applies to each of these separately. An attempt is one request to an
 * upstream; an address is one IPv4 address or one IPv6 /64 network.
 */
export type LimitScope =
  | 'request'
  | 'attempt'
  | 'connection'
  | 'process'
  | 'address'
  | 'key'
  | 'upstream'
  | 'server'

export interface LimitRow {
  readonly default: number
  readonly unit: LimitUnit
  readonly scope: LimitScope
  /** The largest value that the configuration accepts. Default: the unit's, below. */
  readonly max?: number
  readonly description: string
  /** The effect on the client or the upstream; the metric counts each time it happens. */
  readonly exceeded: string
  /** The event that the metric counts, where it is not the effect. */
  readonly counted?: string
}

const KiB = 1024
const MiB = 1024 * KiB
const GiB = 1024 * MiB

const seconds = 1_000
export const minutes = 60 * seconds

/** Node and HTTP/2 take sizes and counts as signed 32-bit integers. */
export const maxInt32 = 2_147_483_647

/** Every limit that an operator can change. Types, schema, documentation and metrics are derived from these rows. */
export const limitTable = {
  bodyBytes: {
    default: 32 * MiB,
    unit: 'bytes',
    scope: 'request',
    description: "The body of a call. The API's own limit for Messages is 32 MB.",
    exceeded: '413 body_too_large',
  },
  batchBodyBytes: {
    default: 256 * MiB,
    unit: 'bytes',
    scope: 'request',
    description:
      "The body of a request that creates a batch. With several workers it must also fit into a worker's share of held_body_bytes.",
    exceeded: '413 body_too_large',
  },
  adminBodyBytes: {
    default: MiB,
    unit: 'bytes',
    scope: 'request',
    description: 'The body of a request of the admin API, except for one that is explained.',
    exceeded: '413 body_too_large',
  },
  adminRequestsPerMinute: {
    default: 1_200,
    unit: 'count',
    scope: 'process',
    description: 'Requests to the admin API by one caller: the admin key, or a member.',
    exceeded: '429 rate_limited',
  },
  batchRequests: {
    default: 100_000,
    unit: 'count',
    scope: 'request',
    description: 'Requests in a new batch.',
    exceeded: '400 bad_request',
  },
  fileIds: {
    default: 100_000,
    unit: 'count',
    scope: 'request',
    description: 'File ids in the body of a call or of a new batch, repeated ones included.',
    exceeded: '400 bad_request',
  },
  fileBytes: {
    default: 500 * MiB,
    unit: 'bytes',
    scope: 'request',
    description: 'The body of a file upload, including its multipart framing.',
    exceeded: '413 body_too_large',
  },
  heldBodyBytes: {
    default: GiB,
    unit: 'bytes',
    scope: 'server',
    description:
      'Request bodies in memory. 1/64 of it is reserved for bodies of up to 64 KiB. Unless it is configured, a process holds at most a quarter of the maximum size of its JavaScript heap.',
    exceeded: '529 overloaded',
  },
  unverifiedBodyBytes: {
    default: 64 * MiB,
    unit: 'bytes',
    scope: 'process',
    description:
      "Incomplete bodies of one AWS access key's requests without x-amz-content-sha256: their signature can only be verified with the body. All access keys together may use half of held_body_bytes.",
    exceeded: '529 overloaded',
  },
  headerBytes: {
    default: 64 * KiB,
    unit: 'bytes',
    scope: 'request',
    max: maxInt32,
    description: 'The headers of a request, of which there may be at most 200.',
    exceeded: '431 headers_too_large',
  },
  headersMs: {
    default: 15 * seconds,
    unit: 'ms',
    scope: 'request',
    description:
      'Time from the first byte of a request to the end of its headers, and from a new connection to its first byte.',
    exceeded:
      '408 request_timeout. A connection that sends nothing is closed. On HTTP/2, keep_alive_ms applies to incomplete headers',
  },
  requestMs: {
    default: 5 * minutes,
    unit: 'ms',
    scope: 'request',
    description: 'Time from the first byte of a request to the end of its body.',
    exceeded: '408 request_timeout',
  },
  bodyProgressMs: {
    default: 30 * seconds,
    unit: 'ms',
    scope: 'request',
    description: "Time in which the next 64 KiB of a call's or batch's body, or its end, must arrive.",
    exceeded: '408 request_timeout',
  },
  lingerMs: {
    default: 5 * seconds,
    unit: 'ms',
    scope: 'request',
    description:
      'Time in which the rest of a rejected request body is read and discarded, so that the client can read the error.',
    exceeded: 'The connection is closed',
  },
  connections: {
    default: 12_000,
    unit: 'count',
    scope: 'server',
    description: 'Open connections from clients.',
    exceeded: 'The oldest idle connection is closed; if none is idle, the new one',
  },
  connectionsPerAddress: {
    default: 4_000,
    unit: 'count',
    scope: 'address',
    description:
      'Open connections from one IPv4 address or one IPv6 /64 network. A proxy in front of the gateway is one address.',
    exceeded: 'The new connection is closed',
  },
  keepAliveMs: {
    default: 65 * seconds,
    unit: 'ms',
    scope: 'connection',
    description: 'Time that a connection may stay open without a request.',
    exceeded:
      'The connection is closed. If it keeps sending blank lines, it is closed later, by headers_ms or linger_ms, whichever is longer',
  },
  clientIdleMs: {
    default: 5 * minutes,
    unit: 'ms',
    scope: 'request',
    description: 'Time in which a client reads nothing of a response that is ready for it.',
    exceeded: 'The call is cancelled, and its HTTP/1.1 connection or HTTP/2 stream is closed',
  },
  concurrentStreams: {
    default: 256,
    unit: 'count',
    scope: 'connection',
    description: 'Open HTTP/2 streams.',
    exceeded: 'The stream is reset with REFUSED_STREAM',
    counted: 'a connection opens its last allowed stream',
  },
  streamResets: {
    default: 200,
    unit: 'count',
    scope: 'connection',
    description: 'HTTP/2 streams that the client resets within 10 seconds.',
    exceeded: 'The connection is closed with GOAWAY, ENHANCE_YOUR_CALM',
    counted:
      'a connection is closed for this, or for more than 1,000 PING and SETTINGS frames within 10 seconds',
  },
  concurrentCalls: {
    default: 4_000,
    unit: 'count',
    scope: 'upstream',
    description:
      'Calls that run at one upstream. Keep it below upstream_connections, or calls also wait for a connection, in no fair order.',
    exceeded: 'The call waits in a queue that serves the keys in turn',
  },
  queuedCalls: {
    default: 10_000,
    unit: 'count',
    scope: 'upstream',
    description: 'Calls in the queue for one upstream.',
    exceeded: 'The call goes to the next upstream; if none is left, 529 overloaded',
  },
  queueMs: {
    default: 10 * seconds,
    unit: 'ms',
    scope: 'attempt',
    description:
      'Time that a call may wait in the queue. A call that is expected to wait longer is rejected immediately.',
    exceeded: 'The call goes to the next upstream; if none is left, 529 overloaded',
  },
  openStreams: {
    default: 8_000,
    unit: 'count',
    scope: 'server',
    description: 'Streamed responses in progress.',
    exceeded: '529 overloaded',
  },
  openStreamsPerKey: {
    default: 4_000,
    unit: 'count',
    scope: 'key',
    description: 'Streamed responses of one key in progress.',
    exceeded: '429 rate_limited',
  },
  ledgerWaitMs: {
    default: 5 * seconds,
    unit: 'ms',
    scope: 'request',
    description:
      'Time that a call waits until its row is in the journal, before its upstream is called and at its end.',
    exceeded: 'The response is completed, and its row is stored later',
  },
  ledgerLagBytes: {
    default: 256 * MiB,
    unit: 'bytes',
    scope: 'process',
    description: 'Journal that is not in the database yet, as while the database cannot be written.',
    exceeded: '503 ledger_unavailable',
  },
  drainMs: {
    default: 30 * seconds,
    unit: 'ms',
    scope: 'process',
    description: 'Time that running calls may take after the signal to stop.',
    exceeded: '503 shutting_down, in a stream as an error event; the ledger has the outcome shut_down',
  },
  upstreamConnections: {
    default: 4_096,
    unit: 'count',
    scope: 'upstream',
    description: 'Connections to one upstream.',
    exceeded: 'The request waits for a connection',
    counted: 'a request takes the last connection or waits for one',
  },
  connectMs: {
    default: 10 * seconds,
    unit: 'ms',
    scope: 'attempt',
    description: 'Time to connect to an upstream.',
    exceeded: '502 upstream_unreachable',
  },
  upstreamFirstByteMs: {
    default: 10 * minutes,
    unit: 'ms',
    scope: 'attempt',
    description:
      "Time from a request to the start of the upstream's response. Long responses that are not streamed take minutes.",
    exceeded: '504 upstream_timeout',
  },
  upstreamIdleMs: {
    default: 5 * minutes,
    unit: 'ms',
    scope: 'attempt',
    description: 'Time in which an upstream sends nothing of a response that it has started.',
    exceeded: '504 upstream_timeout; in a stream, as an error event',
  },
  streamHoldMs: {
    default: 15 * seconds,
    unit: 'ms',
    scope: 'attempt',
    description:
      'Time from the first event of a stream to its first content, in which the stream can move to another upstream if one is left. The client gets the events before the content together with it, or at the latest with the first ping.',
    exceeded: 'The client gets the events, and the stream does not move any more',
  },
  budgetSlice: {
    default: 100,
    unit: 'count',
    scope: 'request',
    description:
      'The parts of the smallest budget that applies to a stream. The stream holds the money of its prompt and of one part for its output, and one part more each time that is used up.',
    exceeded: 'the stream holds another part; if no budget has one, it ends with stop_reason max_tokens',
    counted: 'streams that ended so',
  },
  callMs: {
    default: 60 * minutes,
    unit: 'ms',
    scope: 'attempt',
    description: "Time from a request to the end of the upstream's response.",
    exceeded: '504 upstream_timeout; in a stream, as an error event',
  },
  abandonedReadMs: {
    default: 30 * seconds,
    unit: 'ms',
    scope: 'attempt',
    description:
      'Time in which a response is read to its end after the client has disconnected, if the platform bills it anyway (Bedrock).',
    exceeded: 'The upstream is cut off, and the usage of the call is estimated',
  },
  abandonedReads: {
    default: 64,
    unit: 'count',
    scope: 'process',
    description: 'Responses that are read at the same time although their clients have disconnected.',
    exceeded: 'The upstream is cut off, and the usage of the call is estimated',
  },
  plainAnswerBytes: {
    default: 64 * MiB,
    unit: 'bytes',
    scope: 'attempt',
    description:
      "An upstream's response that is not streamed, or one line of a batch's results. A compressed response may decode to this and 100 times its own size.",
    exceeded: '502 answer_too_large. A result line is forwarded, but its cost in the ledger is unknown',
  },
  frameBytes: {
    default: 16 * MiB,
    unit: 'bytes',
    scope: 'attempt',
    description: "One event of an upstream's stream.",
    exceeded: '502 answer_too_large, as an error event',
  },
  sweepMs: {
    default: 60 * seconds,
    unit: 'ms',
    scope: 'process',
    description:
      'Time between two searches for ended batches whose results no client has fetched, up to a quarter more or less.',
    exceeded: 'The next search starts',
  },
} as const satisfies Record<string, LimitRow>
