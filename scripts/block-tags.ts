// Measures the CPU time of tagging the cacheable blocks of a request, beside that of its body index. docs/performance.md
// has the figures. `node scripts/block-tags.ts`
import { indexBody } from '../wire/src/index.ts'
import { readMembers } from '../gateway/src/calls/call.ts'
import { createBlockTagger } from '../gateway/src/calls/tag-blocks.ts'

const tagBlocks = createBlockTagger(() => 'a secret of the measurement only')
const control = { cache_control: { type: 'ephemeral' } }

/** A conversation as Claude Code has it: tools, a system prompt, and turns with code, whose JSON is full of escapes. */
function createBody(bytes: number, isCached: boolean): Buffer {
  const large = bytes > 10_000
  const tools = Array.from({ length: large ? 20 : 1 }, (_, at) => ({
    name: `tool_${at}`,
    description: 'Reads a file. '.repeat(large ? 50 : 5),
    input_schema: { type: 'object', properties: { path: { type: 'string' } }, required: ['path'] },
  }))
  const code = 'const name = "value"\n\tif (name === "other") return\n'
  const turn = (at: number, mark: object) => ({
    role: at % 2 === 0 ? 'user' : 'assistant',
    content: [{ type: 'text', text: code.repeat(large ? 45 : 4), ...mark }],
  })
  const messages: object[] = []
  const print = () =>
    JSON.stringify({
      model: 'claude-sonnet-4-5',
      max_tokens: 1_000,
      system: [
        { type: 'text', text: 'You write code. '.repeat(large ? 600 : 10), ...(isCached ? control : {}) },
      ],
      tools,
      messages: [...messages, turn(messages.length, isCached ? control : {})],
    })
  while (print().length < bytes) messages.push(turn(messages.length, {}))
  return Buffer.from(print())
}

function measure(body: Buffer): Record<string, string> {
  const index = () => {
    const found = indexBody(body, readMembers)
    if (!found.ok) throw new Error(found.message)
    return found
  }
  const call = { body, index: index(), ...createCaller('next') }
  return {
    bytes: body.length.toLocaleString('en'),
    'index, µs': time(index).toFixed(1),
    'first call, µs': time((run) => tagBlocks({ ...call, ...createCaller(String(run)) }, false)).toFixed(1),
    'next call, µs': time(() => tagBlocks(call, false)).toFixed(1),
    'tags, bytes': String(JSON.stringify(tagBlocks(call, false)).length),
  }
}

/** Another session has another conversation, of which no prefix is known. */
function createCaller(session: string) {
  return { key: { id: 'key' }, clientIds: { session, agent: null, parentAgent: null } }
}

/** The median CPU time of one run, in microseconds. */
function time(work: (run: number) => unknown): number {
  let total = 0
  const rounds: number[] = []
  for (let round = 0; round < 9; round += 1) {
    const before = process.cpuUsage()
    const endMs = performance.now() + 300
    let runs = 0
    for (; performance.now() < endMs; runs += 1) work((total += 1))
    const { user, system } = process.cpuUsage(before)
    rounds.push((user + system) / runs)
  }
  return rounds.toSorted((one, other) => one - other)[4] ?? 0
}

measure(createBody(1_000, true)) // Compiles the code, so that no row includes it.
console.table({
  '1 KB': measure(createBody(1_000, true)),
  '1 KB, no cache': measure(createBody(1_000, false)),
  '800 KB': measure(createBody(800_000, true)),
  '800 KB, no cache': measure(createBody(800_000, false)),
})
