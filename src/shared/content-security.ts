/**
 * What a renderer may load and do, the same in both shells: our own files alone, no inline script or
 * style, no frames, no forms. Element Plus, Vue and ECharts set styles through the CSSOM, which a
 * policy without 'unsafe-inline' allows (ECharts tooltips must use `renderMode: 'richText'`).
 *
 * @param sockets WebSocket origins to connect to, for browsers whose 'self' leaves `ws:` out.
 */
export function contentSecurityPolicy(sockets: readonly string[] = []): string {
  const directives: Record<string, readonly string[]> = {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:', 'blob:'],
    'font-src': ["'self'"],
    'connect-src': ["'self'", ...sockets],
    'worker-src': ["'self'"],
    'frame-src': ["'none'"],
    'object-src': ["'none'"],
    'frame-ancestors': ["'none'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
  };
  return Object.entries(directives)
    .map(([name, sources]) => `${name} ${sources.join(' ')}`)
    .join('; ');
}

/** Headers of every answer of both shells. */
export function securityHeaders(sockets: readonly string[] = []): Record<string, string> {
  return {
    'content-security-policy': contentSecurityPolicy(sockets),
    'x-content-type-options': 'nosniff',
    'x-frame-options': 'DENY',
    'referrer-policy': 'no-referrer',
    'cross-origin-opener-policy': 'same-origin',
    'cross-origin-resource-policy': 'same-origin',
    'permissions-policy':
      'camera=(), microphone=(), geolocation=(), usb=(), serial=(), hid=(), payment=()',
  };
}
