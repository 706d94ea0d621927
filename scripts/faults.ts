// Runs every combination of failure, protocol and platform, and writes `docs/faults.md`. A test fails when it is stale.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { runMatrix } from '../test/upstreams/fault-cells.ts'
import { printPage } from '../test/upstreams/fault-page.ts'

writeFileSync(join(import.meta.dirname, '../docs/faults.md'), printPage(await runMatrix()))
