import { spawn } from 'node:child_process';

export interface Desktop {
  readonly platform: NodeJS.Platform;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** The command that opens an address in the default browser; null where there is no display. */
export function openingCommand(
  url: string,
  { platform, env }: Desktop,
): { readonly file: string; readonly args: readonly string[] } | null {
  if (platform === 'darwin') return env.SSH_CONNECTION ? null : { file: 'open', args: [url] };
  if (platform === 'win32') return { file: 'cmd', args: ['/d', '/c', 'start', '""', url] };
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return null;
  return { file: 'xdg-open', args: [url] };
}

/** Try to open the default browser. The address is printed anyway, so failing is no failure. */
export function openBrowser(url: string, desktop: Desktop = process): void {
  const command = openingCommand(url, desktop);
  if (!command) return;
  const child = spawn(command.file, command.args, { detached: true, stdio: 'ignore' });
  child.on('error', () => undefined);
  child.unref();
}
