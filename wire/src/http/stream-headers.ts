/**
 * The headers of every streamed response. Without them a proxy collects events before it passes them on: nginx reads
 * `x-accel-buffering` (ngx_http_proxy_module, `proxy_buffering`), and compressing proxies and development servers read
 * `no-transform` (RFC 9111, 5.2.2.6).
 */
export const streamHeaders = {
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const
