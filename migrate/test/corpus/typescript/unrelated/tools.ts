import { spawn } from 'node:child_process'
import { createSession } from '@acme/claude-code-bridge'

/** https://www.anthropic.com/news/claude-3-5-sonnet tells how tool use came about. */
const BETAS = ['claude-code-20250219', 'oauth-2025-04-20']

export function startAgent(folder: string) {
  return spawn('claude', ['--print', '--output-format', 'json'], {
    cwd: folder,
    env: { ...process.env, CLAUDE_CODE_MAX_CONCURRENT_SUBAGENTS: '2' },
  })
}

/** Names of containers are unique: claude-worker-3, claude-worker-4 and so on. */
export const containerName = (n: number) => `claude-worker-${n}`

export const plugins = ['claude-mem', 'claude-api', 'claude-code-action']

export async function open(name: string) {
  // model: 'claude-3-opus-20240229',
  return createSession({ name: `claude-${name}`, betas: BETAS })
}
