// Sends every field of every protocol to every platform, and writes `docs/fidelity.md`. A test fails when it is stale.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { printPage } from '../test/upstreams/fidelity/page.ts'
import { runFidelity } from '../test/upstreams/fidelity/report.ts'

writeFileSync(join(import.meta.dirname, '../docs/fidelity.md'), printPage(await runFidelity()))
