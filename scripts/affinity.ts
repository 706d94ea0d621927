// Holds 10,000 conversations over one upstream and over three, and prints their prompt-cache hits.
// Usage: node scripts/affinity.ts [CONVERSATIONS]
import { runConversations } from '../test/upstreams/affinity.ts'

const conversations = Number(process.argv[2] ?? 10_000)
for (const upstreams of [1, 3]) console.log(JSON.stringify(await runConversations(conversations, upstreams)))
