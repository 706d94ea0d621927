// Prints the JSON Schemas that the emulator publishes: `node scripts/emulator-schemas.ts`.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'

import { cassetteSchema } from '@anthology/emulator'

const file = join(import.meta.dirname, '../emulator/cassette.schema.json')
writeFileSync(file, `${JSON.stringify(cassetteSchema, null, 2)}\n`)
