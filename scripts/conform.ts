import { writeFileSync } from 'node:fs'

import { formatConformPage } from '../cli/src/conform/page.ts'

// Writes docs/conform.md from the table of checks; a test compares them.

const path = new URL('../docs/conform.md', import.meta.url)
writeFileSync(path, formatConformPage())
console.log('wrote docs/conform.md')
