export { classifyFirstBytes } from './first-bytes.ts'
export type { WireProtocol } from './first-bytes.ts'
export { joinHeaders, joinValues, readBearer, readBetas } from './header-values.ts'
export type { HeaderLists } from './header-values.ts'
