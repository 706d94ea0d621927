/** The folder of the built console; it is missing in a clone until `npm run build`. */
export declare const builtFolder: string
