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
  /** A connection without a request. */
  readonly keepAliveMs: number
  /** To an upstream's connection. */
  readonly connectMs: number
  /** From a request to the first byte of an upstream's answer; long answers that are not streamed need minutes. */
  readonly upstreamFirstByteMs: number
  /** Silence within an upstream's answer. */
  readonly upstreamIdleMs: number
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
}

export const defaultLimits: Limits = {
  bodyBytes: 32 * 1024 * 1024,
  batchBodyBytes: 256 * 1024 * 1024,
  batchRequests: 100_000,
  fileBytes: 500 * 1024 * 1024,
  heldBodyBytes: 1024 * 1024 * 1024,
  headerBytes: 64 * 1024,
  headersMs: 15_000,
  requestMs: 300_000,
  lingerMs: 5_000,
  clientIdleMs: 300_000,
  keepAliveMs: 65_000,
  connectMs: 10_000,
  upstreamFirstByteMs: 600_000,
  upstreamIdleMs: 300_000,
  upstreamConnections: 512,
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
}
