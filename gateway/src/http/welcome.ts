/** The text served at `/`. */
export const welcome = `Anthology: every Claude model, on every cloud, behind one endpoint you own.

Point an Anthropic SDK at this URL, with a key of this gateway:

  POST /v1/messages                 create a message, plain or streamed
  POST /v1/messages/count_tokens    count input tokens
  GET  /v1/models                   the models your key may use
  GET  /healthz, /readyz            is it alive, can it take calls
  GET  /metrics                     what Prometheus scrapes

The start of the server printed a key and a curl line to try.
`
