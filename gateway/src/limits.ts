/** Every limit of the gateway, by name. Bytes and milliseconds; the table below holds the defaults. */
export interface Limits {
  /** A request's body; the service's own limit for Messages is 32 MB. */
  readonly bodyBytes: number
  /** The body of a new batch, and the items in it; the service's own limits. */
  readonly batchBodyBytes: number
  readonly batchRequests: number
  /** An upload to the files, its multipart frame included. It is passed through, and held only for an upstream in this process. */
  readonly fileBytes: number
  /** Bodies of all calls together that are held in memory at once. */
  readonly heldBodyBytes: number
  /** The part of these that only bodies of up to 64 KB may take. */
  readonly reservedBodyBytes: number
  /** A request's headers. */
  readonly headerBytes: number
  /** From the first byte of a request to the end of its headers, and from a connection to its first byte. */
  readonly headersMs: number
  /** From the first byte of a request to the end of its body. */
  readonly requestMs: number
  /** How long the rest of a body that was refused is read and thrown away, so that the client sees why. */
  readonly lingerMs: number
  /** How long a client may take nothing of an answer that waits for it; until then the upstream is made to wait. */
  readonly clientIdleMs: number
  /** A connection without a request, whatever else it says. */
  readonly keepAliveMs: number
  /** To an upstream's connection. */
  readonly connectMs: number
  /** From a request to the first byte of an upstream's answer; long answers that are not streamed need minutes. */
  readonly upstreamFirstByteMs: number
  /** Silence within an upstream's answer. */
  readonly upstreamIdleMs: number
  /** An upstream's whole answer, from its request to its end. */
  readonly callMs: number
  /** Connections to one upstream. */
  readonly upstreamConnections: number
  /** An answer that is not a stream, held whole to be priced before it is sent. */
  readonly plainAnswerBytes: number
  /** One line of a batch's results; a longer one goes out unmetered, and the ledger says so. */
  readonly resultLineBytes: number
  /** Results of a batch that wait for the ledger; beyond it the upstream is made to wait. */
  readonly pendingResults: number
  /** Objects that the answer to a list is fetching from an upstream at once. */
  readonly listConcurrency: number
  /** Between two looks for batches that ended and whose results nobody fetched; up to a quarter more or less. */
  readonly sweepMs: number
  /** Batches that are looked at in one go. */
  readonly sweepBatches: number
  /** One event of a stream. */
  readonly frameBytes: number
  /** From a stream's last event to the end of the upstream's answer. */
  readonly streamEndMs: number
  /** How long the last bytes of an answer wait for the ledger. */
  readonly ledgerWaitMs: number
  /** From the signal to stop until calls that still run are cut off. */
  readonly drainMs: number
  /** Open connections in all; beyond it the oldest that serves nothing is closed for a new one, and without such a one the new one is. */
  readonly connections: number
  /** Open connections of one address, of IPv6 one /64. A proxy in front is one address. */
  readonly connectionsPerAddress: number
  /** Header fields of one request. */
  readonly headerPairs: number
  /** Requests on an HTTP/1.1 connection that wait for their answers. */
  readonly pipelinedRequests: number
  /** Streams that an HTTP/2 connection has open at once. */
  readonly concurrentStreams: number
  /** Bytes of a body that an HTTP/2 client sends before it is read; Node reads up to 128 KiB ahead of that. */
  readonly streamWindowBytes: number
  /** What an HTTP/2 connection keeps in memory for headers and frames that wait; beyond it new streams are refused. */
  readonly connectionStateBytes: number
  /** Streams that an HTTP/2 client takes back before they were answered, per `floodWindowMs`. */
  readonly streamResets: number
  /** PING and SETTINGS frames of an HTTP/2 connection, per `floodWindowMs`. */
  readonly controlFrames: number
  /** The span in which the two limits above count. */
  readonly floodWindowMs: number
  /** Calls that run at one upstream. Fewer than connections to it, so that nothing waits unseen for one of those. */
  readonly concurrentCalls: number
  /** Calls that wait for one upstream, the keys by turns. */
  readonly queuedCalls: number
  /** How long such a call waits; what cannot be served in this time is refused at once. */
  readonly queueMs: number
  /** Streams that are open at once, of all keys and of one. */
  readonly openStreams: number
  readonly openStreamsPerKey: number
}

export const defaultLimits: Limits = {
  bodyBytes: 32 * 1024 * 1024,
  batchBodyBytes: 256 * 1024 * 1024,
  batchRequests: 100_000,
  fileBytes: 500 * 1024 * 1024,
  heldBodyBytes: 1024 * 1024 * 1024,
  reservedBodyBytes: 16 * 1024 * 1024,
  headerBytes: 64 * 1024,
  headersMs: 15_000,
  requestMs: 300_000,
  lingerMs: 5_000,
  clientIdleMs: 300_000,
  keepAliveMs: 65_000,
  connectMs: 10_000,
  upstreamFirstByteMs: 600_000,
  upstreamIdleMs: 300_000,
  callMs: 3_600_000,
  upstreamConnections: 4_096,
  plainAnswerBytes: 64 * 1024 * 1024,
  resultLineBytes: 64 * 1024 * 1024,
  pendingResults: 1_000,
  listConcurrency: 8,
  sweepMs: 60_000,
  sweepBatches: 100,
  frameBytes: 16 * 1024 * 1024,
  streamEndMs: 1_000,
  ledgerWaitMs: 5_000,
  drainMs: 30_000,
  connections: 12_000,
  connectionsPerAddress: 4_000,
  headerPairs: 200,
  pipelinedRequests: 32,
  concurrentStreams: 256,
  streamWindowBytes: 1024 * 1024,
  connectionStateBytes: 10 * 1024 * 1024,
  streamResets: 200,
  controlFrames: 1_000,
  floodWindowMs: 10_000,
  concurrentCalls: 4_000,
  queuedCalls: 10_000,
  queueMs: 10_000,
  openStreams: 8_000,
  openStreamsPerKey: 4_000,
}
