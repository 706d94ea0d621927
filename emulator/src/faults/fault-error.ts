/**
 * A fault breaks the connection here: `cut` closes it, `reset` resets it. The code is the one that undici reports for such
 * a connection, so that a caller in this process treats both alike.
 */
export class FaultError extends Error {
  readonly kind: 'cut' | 'reset'
  readonly code: 'UND_ERR_SOCKET' | 'ECONNRESET'

  constructor(kind: FaultError['kind']) {
    super(
      kind === 'cut'
        ? 'other side closed (a fault of the emulator)'
        : 'read ECONNRESET (a fault of the emulator)',
    )
    this.name = 'FaultError'
    this.kind = kind
    this.code = kind === 'cut' ? 'UND_ERR_SOCKET' : 'ECONNRESET'
  }
}
