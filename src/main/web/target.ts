/**
 * What a request asks for. It may hold anything: `//`, an address of another host, `*`. Null where it
 * is no path of ours, which no browser sends to us. A path alone must never be read as an address
 * relative to ours, where `//name` is a host and `//` is none.
 */
export function targetOf(requested: string): URL | null {
  if (!/^\/(?![/\\])/.test(requested)) return null;
  return URL.parse(`http://127.0.0.1${requested}`);
}
