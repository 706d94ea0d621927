/** Which of the Messages API's rate limits a 429 of the emulator's own tells of, by its text of 2025 or of 2026. */
export function getReachedLimit(message: string): 'requests' | 'input tokens' | 'output tokens' | null {
  const found = /\bof [\d,]+ (?:fast mode )?(requests|input tokens|output tokens) per minute\b/.exec(
    message,
  )?.[1]
  return found === 'requests' || found === 'input tokens' || found === 'output tokens' ? found : null
}
