import { fileURLToPath } from 'node:url'

/** The folder of the built console; it is missing in a clone until `npm run build`. */
export const builtFolder = fileURLToPath(new URL('./built/', import.meta.url))
