import { setFlagsFromString } from 'node:v8'

import * as fc from 'fast-check'

// Without this, a property with `maxLength: 200` generates about ten elements at most.
fc.configureGlobal({ defaultSizeToMaxWhenMaxSpecified: true })

// Node strips the types of the ledger's threads with WebAssembly. V8 of Node 24 can crash with a segmentation fault when
// one thread replaces the wrapper of a WebAssembly import by a faster one while another thread ends, and a file of tests
// starts and ends many. Wrappers are replaced after so many calls.
setFlagsFromString('--wasm-wrapper-tiering-budget=2147483647')
