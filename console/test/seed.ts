import { randomUUID } from 'node:crypto'

import type { ConsoleServer } from './console-server.ts'

interface CreatedKey {
  readonly id: string
  readonly key: string
}

/** The parts of the seeded data that tests look up. */
export interface Seeded {
  readonly ci: CreatedKey
  readonly session: string
  readonly workspaceId: string
}

/** Fills a server through its own interfaces: workspaces, members, keys, and calls of several models and outcomes. */
export async function seed(server: ConsoleServer): Promise<Seeded> {
  const { id: workspaceId } = await server.admin<{ readonly id: string }>('POST', '/admin/v1/workspaces', {
    name: 'research',
  })
  await server.admin('POST', '/admin/v1/members', {
    name: 'Ann Lee',
    email: 'ann@example.com',
    role: 'billing',
  })
  await server.admin('POST', '/admin/v1/members', { name: 'Bo Park', role: 'member' })
  const createKey = (name: string, workspace: string) =>
    server.admin<CreatedKey>('POST', '/admin/v1/keys', { name, workspace_id: workspace })
  const ci = await createKey('ci', 'default')
  const agents = await createKey('agents', workspaceId)
  const session = randomUUID()
  for (const { key } of [ci, agents]) await untilKnown(server, key)
  await callModels(server, ci.key)
  await callAsAgents(server, agents.key, session)
  return { ci, session, workspaceId }
}

/** A new key works within a second. */
async function untilKnown(server: ConsoleServer, key: string): Promise<void> {
  const asks = () => fetch(`${server.url}/v1/models`, { headers: { 'x-api-key': key } })
  for (let tries = 0; tries < 100 && (await asks()).status !== 200; tries += 1)
    await new Promise((resolve) => setTimeout(resolve, 50))
}

async function callModels(server: ConsoleServer, key: string): Promise<void> {
  for (const [index, model] of models.entries()) {
    await server.call(
      { model, max_tokens: 200 + index * 40, messages: [user(prompts[index % 4] ?? '')] },
      { key },
    )
    await server.call({ model, stream: true, messages: [user('Count to twenty.')] }, { key }).then(read)
  }
  const cached = [{ type: 'text', text: 'A long manual. '.repeat(900), cache_control: { type: 'ephemeral' } }]
  for (const question of ['What is on page one?', 'What is on page two?'])
    await server.call({ model: 'claude-sonnet-4-5', system: cached, messages: [user(question)] }, { key })
  // Refused by the model's rules, and answered with an error by the upstream.
  await server.call(
    { model: 'claude-opus-4-1', max_tokens: 10_000_000, messages: [user('Too much.')] },
    { key },
  )
  server.emulator.failNext({ status: 500 }, 2)
  await server.call({ messages: [user('This one fails.')] }, { key })
}

/** Calls in the form of Claude Code: one session, a main agent and its subagents. */
export async function callAsAgents(server: ConsoleServer, key: string, session: string): Promise<void> {
  const agents: readonly Record<string, string>[] = [
    {},
    { 'x-claude-code-agent-id': 'agent-explore' },
    { 'x-claude-code-agent-id': 'agent-search', 'x-claude-code-parent-agent-id': 'agent-explore' },
    { 'x-claude-code-agent-id': 'agent-review' },
  ]
  for (const agent of agents)
    for (const prompt of prompts)
      await server.call(
        {
          model: agent['x-claude-code-agent-id'] === undefined ? 'claude-opus-4-1' : 'claude-haiku-4-5',
          messages: [user(prompt)],
        },
        { key, headers: { ...agent, 'x-claude-code-session-id': session } },
      )
}

const models = [
  'claude-opus-4-1',
  'claude-sonnet-4-5',
  'claude-haiku-4-5',
  'claude-sonnet-4-0',
  'claude-3-5-haiku-20241022',
]

const prompts = [
  'Summarize the incident report in three points.',
  'Write a test for the parser.',
  'Which of these two plans is cheaper?',
  'Translate the release notes into Portuguese.',
]

function user(content: string): object {
  return { role: 'user', content }
}

async function read(response: Response): Promise<void> {
  await response.text()
}

const dayMs = 86_400_000

/** Adds calls of the four weeks before, by setting the gateway's clock back. */
export async function seedHistory(server: ConsoleServer, key: string): Promise<void> {
  for (let day = 27; day > 0; day -= 1) {
    server.setBack(day * dayMs)
    const isWeekend = new Date(Date.now() - day * dayMs).getUTCDay() % 6 === 0
    for (let call = 0; call < (isWeekend ? 1 : 3 + (day % 4)); call += 1) {
      const model = models[(day + call) % models.length] ?? 'claude-sonnet-4-5'
      const maxTokens = 60 + ((day * 37 + call * 91) % 500)
      await server.call(
        { model, max_tokens: maxTokens, messages: [user(`Write ${maxTokens} words.`)] },
        { key },
      )
    }
  }
  server.setBack(0)
}
