import Anthropic from '@anthropic-ai/sdk'

interface Agent {
  readonly name: string
  readonly ask: (task: string) => Promise<{ stop_reason: string }>
}

const client = new Anthropic()

const planner: Agent = {
  name: 'planner',
  ask: (task) =>
    client.messages.create({
      model: 'claude-3-opus-20240229',
      max_tokens: 4096,
      temperature: 0.3,
      messages: [{ role: 'user', content: `Plan: ${task}` }],
    }),
}

const coder: Agent = {
  name: 'coder',
  ask: (task) =>
    client.beta.messages.create({
      model: 'claude-opus-4-1-20250805',
      betas: ['interleaved-thinking-2025-05-14', 'fine-grained-tool-streaming-2025-05-14'],
      max_tokens: 20_000,
      thinking: { type: 'enabled', budget_tokens: 8_000 },
      tools: [{ type: 'text_editor_20250728', name: 'str_replace_based_edit_tool' }],
      messages: [{ role: 'user', content: `Write the code for: ${task}` }],
    }),
}

const tester: Agent = {
  name: 'tester',
  ask: (task) => {
    const body = {
      model: 'claude-sonnet-4-0',
      max_tokens: 2048,
      top_p: 0.9,
      messages: [{ role: 'user', content: `Test: ${task}` }],
    }
    return client.messages.create(body)
  },
}

for (const agent of [planner, coder, tester]) {
  const { stop_reason } = await agent.ask('a counter for visitors')
  console.log(agent.name, stop_reason)
}
