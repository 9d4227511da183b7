import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { type Weight } from '../../../shared/charts/text-lines';

/** Where the font's files are: whole as TrueType, and cut to scripts as WOFF2 with their ranges. */
export interface FontFiles {
  readonly whole: Readonly<Record<Weight, string>>;
  readonly cuts: readonly {
    readonly weight: Weight;
    readonly file: string;
    /** A CSS `unicode-range`. */
    readonly range: string;
  }[];
}

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
  /** The font of figures and reports. */
  readonly fonts: FontFiles;
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
    fonts: interFiles(require),
    renderer: join(root, 'out', 'renderer'),
    preload: join(root, 'out', 'preload', 'index.cjs'),
    engineRecord: join(root, '.setup', 'engine.json'),
  };
}

/** A folder of an npm package that the product stands on; null where it is not there. */
export function packageFolder(
  { root }: Pick<InstalledFiles, 'root'>,
  place: { readonly package: string; readonly folder: string },
): string | null {
  const require = createRequire(join(root, 'package.json'));
  try {
    const path = join(dirname(require.resolve(`${place.package}/package.json`)), place.folder);
    return existsSync(path) ? path : null;
  } catch {
    return null;
  }
}

const unicodeRanges = z.object({ latin: z.string(), greek: z.string() });

/** Inter: whole for measuring and drawing, and its Latin and Greek for documents to carry. */
function interFiles(require: NodeJS.Require): FontFiles {
  const whole = dirname(require.resolve('@expo-google-fonts/inter/package.json'));
  const cuts = dirname(require.resolve('@fontsource/inter/package.json'));
  const ranges = unicodeRanges.parse(JSON.parse(readFileSync(join(cuts, 'unicode.json'), 'utf8')));
  return {
    whole: {
      400: join(whole, '400Regular', 'Inter_400Regular.ttf'),
      600: join(whole, '600SemiBold', 'Inter_600SemiBold.ttf'),
    },
    cuts: ([400, 600] as const).flatMap((weight) =>
      (['latin', 'greek'] as const).map((script) => ({
        weight,
        file: join(cuts, 'files', `inter-${script}-${weight}-normal.woff2`),
        range: ranges[script],
      })),
    ),
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
