// Sends 10,000 streams over three upstreams of which one fails at random, and prints what became of them.
// Usage: node scripts/failover-load.ts [STREAMS] [SEED]
import { runFailoverLoad } from '../test/upstreams/failover-load.ts'

const [streams = '10000', seed = '7'] = process.argv.slice(2)
console.log(JSON.stringify(await runFailoverLoad(Number(streams), Number(seed)), null, 2))
