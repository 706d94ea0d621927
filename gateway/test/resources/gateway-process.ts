import { defaultLimits } from '../../src/limits.ts'
import { createGateway } from '../../src/gateway.ts'
import { createHttpUpstream } from '../../src/upstreams/http-upstream.ts'

// A gateway in its own process, so that a test can kill it: node gateway-process.ts DATA UPSTREAM KEY [STORE] [LIMIT]
// LIMIT is a budget of the whole organization in US dollars.

const [dataFolder = '', baseUrl = '', secret = '', store = '', limit] = process.argv.slice(2)
const upstream = createHttpUpstream({ baseUrl, credential: null, limits: defaultLimits })
const gateway = await createGateway({
  accounts: [{ name: 'recorder', platform: 'anthropic', upstream, secrets: [] }],
  dataFolder,
  keys: [{ id: 'key_local', name: 'local', secret }],
  ...(store !== '' && { store }),
  ...(limit !== undefined && { budgets: { budgets: [{ scope: 'organization', limit, window: 'total' }] } }),
})
const { url } = await gateway.listen(0, '127.0.0.1')
process.stdout.write(`${url}\n`)
// Exits when the tests end.
process.once('disconnect', () => process.exit())
