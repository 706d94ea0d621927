import { defaultLimits } from '../../src/limits.ts'
import { createGateway } from '../../src/gateway.ts'
import { createHttpUpstream } from '../../src/upstreams/http-upstream.ts'

// A gateway in its own process, so that a test can kill it: node gateway-process.ts DATA UPSTREAM KEY

const [dataFolder = '', baseUrl = '', secret = ''] = process.argv.slice(2)
const upstream = createHttpUpstream({ baseUrl, credential: null, limits: defaultLimits })
const gateway = await createGateway({
  accounts: [{ name: 'recorder', platform: 'anthropic', upstream, secrets: [] }],
  dataFolder,
  keys: [{ id: 'key_local', name: 'local', secret }],
})
const { url } = await gateway.listen(0, '127.0.0.1')
process.stdout.write(`${url}\n`)
// Exits when the tests end.
process.once('disconnect', () => process.exit())
