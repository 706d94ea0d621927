// Gives programs the small client under the name of Anthropic's SDK.
import { registerHooks } from 'node:module'

const client = new URL('./anthropic-sdk.cjs', import.meta.url).href

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === '@anthropic-ai/sdk'
      ? { url: client, format: 'commonjs', shortCircuit: true }
      : next(specifier, context),
})
