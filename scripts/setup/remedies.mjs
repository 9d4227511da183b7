// @ts-check
import { which } from './process.mjs';

/**
 * @param {{env: NodeJS.ProcessEnv, platform: NodeJS.Platform}} where
 * @param {'python' | 'pip' | 'compiler'} what
 * @returns {string} the command that brings it on this system
 */
export function installCommand({ env, platform }, what) {
  const sudo = process.getuid?.() === 0 ? '' : 'sudo ';
  if (platform === 'darwin') {
    if (what === 'compiler' || which('brew', env) === null) return 'xcode-select --install';
    return 'brew install python3';
  }
  /** @type {[string, string, Record<typeof what, string>][]} */
  const managers = [
    [
      'apt-get',
      'apt-get install -y',
      { python: 'python3 python3-pip', pip: 'python3-pip', compiler: 'g++ make' },
    ],
    [
      'dnf',
      'dnf install -y',
      { python: 'python3 python3-pip', pip: 'python3-pip', compiler: 'gcc-c++ make' },
    ],
    [
      'zypper',
      'zypper install -y',
      { python: 'python3 python3-pip', pip: 'python3-pip', compiler: 'gcc-c++ make' },
    ],
    [
      'pacman',
      'pacman -S --needed',
      { python: 'python python-pip', pip: 'python-pip', compiler: 'gcc make' },
    ],
  ];
  for (const [program, command, packages] of managers) {
    if (which(program, env) !== null) return `${sudo}${command} ${packages[what]}`;
  }
  // The package manager itself may be out of PATH: name the commonest command.
  return `${sudo}apt-get install -y ${managers[0]?.[2][what] ?? ''}`;
}
