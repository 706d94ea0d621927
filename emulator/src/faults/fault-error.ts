/** The connection breaks here because a fault says so: `cut` ends it, `reset` resets it. */
export class FaultError extends Error {
  readonly code: 'cut' | 'reset'

  constructor(code: FaultError['code']) {
    super(code === 'cut' ? 'the connection was cut by a fault' : 'the connection was reset by a fault')
    this.name = 'FaultError'
    this.code = code
  }
}
