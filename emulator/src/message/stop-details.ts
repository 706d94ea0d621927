/** Inferred: the page is from 2026 (platform.claude.com, api/messages) and does not state the day. */
export const stopDetailsSince = '2026-01-01'
