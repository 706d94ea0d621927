/** Reads from the text of a 429 of the emulator, of 2025 or of 2026, which rate limit was reached. */
export function getReachedLimit(message: string): 'requests' | 'input tokens' | 'output tokens' | null {
  const found = /\bof [\d,]+ (?:fast mode )?(requests|input tokens|output tokens) per minute\b/.exec(
    message,
  )?.[1]
  return found === 'requests' || found === 'input tokens' || found === 'output tokens' ? found : null
}
