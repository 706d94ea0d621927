export { createEmulator, EmulatorError } from './emulator.ts'
export type { Emulator, EmulatorOptions, EmulatorRequest } from './emulator.ts'
export { listenEmulator } from './server.ts'
export type { EmulatorServer, ListenOptions } from './server.ts'
