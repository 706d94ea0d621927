/** Calls back when a stream has been silent for a time, and again after each further silence of that time. */
export interface SilenceTimer {
  /** Something was sent. Called for every chunk, so it only reads the clock. */
  touch(): void
  stop(): void
}

/**
 * The time after which a silent stream gets a ping. Proxies close idle connections after a minute (the default of nginx
 * and of AWS load balancers), and Claude Code aborts a stream after 300 s without an event.
 */
export const pingAfterMs = 15_000

/** One timer per stream: it is set again when it fires, not when something is sent. */
export function createSilenceTimer(silenceMs: number, onSilence: () => void): SilenceTimer {
  let sentMs = performance.now()
  let timer = setTimeout(look, silenceMs)

  function look(): void {
    const leftMs = sentMs + silenceMs - performance.now()
    if (leftMs < 1) {
      sentMs = performance.now()
      timer = setTimeout(look, silenceMs)
      onSilence()
    } else timer = setTimeout(look, leftMs)
  }

  return {
    touch: () => {
      sentMs = performance.now()
    },
    stop: () => clearTimeout(timer),
  }
}
